package io.goharbor.preheat.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.harbor.Manifest.EntryKind;
import io.goharbor.preheat.http.RemoteSystem;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestJsonTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "MANIFEST | linux/amd64 | 'platform':{'os':'linux','architecture':'amd64'}",
        "MANIFEST | linux/arm/v7 |"
            + " 'platform':{'os':'linux','architecture':'arm','variant':'v7'}",
        "MANIFEST | | 'annotations':{'a':'b'}",
        "MANIFEST | | 'platform':null",
        "MANIFEST | | 'platform':{'os':'linux'}",
        "ATTESTATION | unknown/unknown |" + " 'platform':{'os':'unknown','architecture':'unknown'}",
        "ATTESTATION | | 'annotations':{'vnd.docker.reference.type':'attestation-manifest'}",
        "NYDUS | linux/amd64 | 'platform':{'os':'linux','architecture':'amd64',"
            + "'os.features':['nydus.remoteimage.v1']}",
        "NYDUS | linux/amd64 | 'artifactType':'application/vnd.nydus.image.manifest.v1+json',"
            + "'platform':{'os':'linux','architecture':'amd64'}",
        "MANIFEST | windows/amd64 | 'platform':{'os':'windows','architecture':'amd64',"
            + "'os.version':'10.0.20348.2340','os.features':['win32k']}"
      })
  void an_entry_is_told_by_what_stands_beside_its_digest(
      EntryKind kind, @Nullable String platform, String rest) throws JsonProcessingException {
    Manifest.Entry entry = entry(MANIFEST, rest);
    assertThat(entry.kind()).isEqualTo(kind);
    assertThat(entry.platform()).isEqualTo(platform);
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.oci.image.index.v1+json, INDEX",
    "application/vnd.docker.distribution.manifest.list.v2+json, INDEX",
    "application/vnd.docker.distribution.manifest.v2+json, MANIFEST",
    "application/vnd.oci.image.layer.v1.tar+gzip, OTHER",
    "application/vnd.buildkit.cacheconfig.v0, OTHER",
    "'', MANIFEST"
  })
  void an_entry_is_told_by_its_media_type(String mediaType, EntryKind kind)
      throws JsonProcessingException {
    assertThat(entry(mediaType, "'size':1").kind()).isEqualTo(kind);
  }

  @Test
  void a_nydus_image_is_known_by_its_bootstrap() throws JsonProcessingException {
    assertThat(ManifestJson.isNydus(json("{'layers':[{'digest':'a'},{'digest':'b'}]}"))).isFalse();
    assertThat(ManifestJson.isNydus(json("{'layers':[]}"))).isFalse();
    assertThat(
            ManifestJson.isNydus(
                json(
                    "{'layers':[{'digest':'a'},{'digest':'b','annotations':"
                        + "{'containerd.io/snapshot/nydus-bootstrap':'true'}}]}")))
        .isTrue();
  }

  @Test
  void blobs_are_config_and_layers_each_once() throws JsonProcessingException {
    JsonNode model =
        json(
            "{'artifactType':'application/vnd.cncf.model.manifest.v1+json','config':{"
                + "'mediaType':'application/vnd.cncf.model.config.v1+json','digest':'c','size':3},"
                + "'layers':[{'mediaType':'application/vnd.cncf.model.weight.v1.raw','digest':'w',"
                + "'size':50000000000},{'digest':'w','size':50000000000},"
                + "{'digest':'d','size':-1},{}]}");
    assertThat(ManifestJson.blobs(model))
        .containsExactly(
            new ImageManifest.Blob("c", 3),
            new ImageManifest.Blob("w", 50_000_000_000L),
            new ImageManifest.Blob("d", 0));
    assertThat(ManifestJson.subject(model)).isNull();
    assertThat(ManifestJson.subject(json("{'subject':{'digest':'sha256:5'}}")))
        .isEqualTo("sha256:5");
  }

  private static Manifest.Entry entry(String mediaType, String rest)
      throws JsonProcessingException {
    return ManifestJson.entries(
            json(
                "{'manifests':[{'mediaType':'"
                    + mediaType
                    + "','digest':'sha256:1',"
                    + rest
                    + "},{'size':1}]}"))
        .getFirst();
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return RemoteSystem.JSON.readTree(text.replace('\'', '"'));
  }
}
