package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.e2e.sim.harbor.IndexEntry;
import io.goharbor.preheat.e2e.sim.harbor.ModelFormat;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborArtifact.Accessory;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.harbor.Manifest.EntryKind;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client makes of every kind of manifest that Harbor can hold, over HTTP. */
class ManifestKindsTest {
  private static final HarborArtifact.Detail ACCESSORIES =
      new HarborArtifact.Detail(false, true, false);
  private static final Map<String, Long> LAYERS = Map.of("base", 9_000_000L, "app", 20_000L);

  private HarborSimulator harbor;
  private HarborClient client;

  @BeforeEach
  void start() {
    harbor = new HarborSimulator(Clock.systemUTC(), 0.002);
    harbor.addRobot("robot$preheat", "secret");
    harbor.createProject("ml", false);
    client =
        new HarborClient(
            new HttpClients()
                .open(
                    "Harbor",
                    ConnectionSettings.of(
                        harbor.url(),
                        new Credential.Basic("robot$preheat", "secret"),
                        TlsSettings.SYSTEM,
                        1000)),
            harbor.url());
  }

  @AfterEach
  void stop() {
    harbor.close();
  }

  @ParameterizedTest
  @CsvSource({"MODELPACK, CNAI", "MODEL_SPEC, MODEL"})
  void a_model_is_listed_by_its_type_and_read_like_an_image(ModelFormat format, String type)
      throws Exception {
    String digest =
        harbor.pushModel(
            "ml",
            "llama",
            "8b",
            format,
            Map.of("model.safetensors", 16_000_000_000L, "config.json", 700L, "README.md", 900L));
    List<HarborArtifact> listed = new ArrayList<>();
    client.artifacts(
        "ml", new ArtifactQuery(null, null, true, HarborArtifact.Detail.BASIC), listed::add);
    assertThat(listed)
        .extracting(HarborArtifact::digest, HarborArtifact::type, HarborArtifact::mediaType)
        .containsExactly(Tuple.tuple(digest, type, "application/vnd.oci.image.manifest.v1+json"));
    assertThat(any("llama", digest))
        .isInstanceOfSatisfying(
            Manifest.Blobs.class,
            model -> {
              assertThat(model.content().blobs()).hasSize(4);
              assertThat(model.content().bytes()).isGreaterThan(16_000_001_600L);
              assertThat(model.subject()).isNull();
              assertThat(model.nydus()).isFalse();
            });
  }

  @Test
  void a_copy_is_found_at_what_it_is_attached_to_and_in_no_list() throws Exception {
    String image = harbor.push("ml", "web", "1.0", LAYERS);
    String copy = harbor.attachNydus("ml", "web", "1.0", "1.0-nydus", LAYERS);
    String signature = harbor.addAccessory("ml", "web", "1.0", "signature.notation");
    List<HarborArtifact> listed = new ArrayList<>();
    client.artifacts("ml", new ArtifactQuery(null, null, false, ACCESSORIES), listed::add);
    assertThat(listed)
        .singleElement()
        .satisfies(artifact -> {
          assertThat(artifact.digest()).isEqualTo(image);
          assertThat(artifact.accessories())
              .containsExactlyInAnyOrder(
                  new Accessory(copy, "accelerator.nydus"),
                  new Accessory(signature, "signature.notation"));
          assertThat(artifact.nydusCopies()).containsExactly(copy);
          assertThat(artifact.signatures()).containsExactly(SignatureKind.NOTATION);
        });
    assertThat(any("web", copy))
        .isInstanceOfSatisfying(
            Manifest.Blobs.class,
            nydus -> {
              assertThat(nydus.nydus()).isTrue();
              assertThat(nydus.subject()).isEqualTo(image);
              assertThat(nydus.content().blobs()).hasSize(3);
            });
    assertThat(any("web", signature).subject()).isEqualTo(image);
    assertThat(any("web", image).subject()).isNull();
  }

  @Test
  void an_index_tells_what_harbors_description_of_it_does_not() throws Exception {
    String digest =
        harbor.pushIndex(
            "ml",
            "web",
            "1.0",
            IndexEntry.image("linux/amd64", LAYERS),
            IndexEntry.nydus(IndexEntry.Kind.NYDUS, "linux/amd64", LAYERS),
            IndexEntry.nydus(
                IndexEntry.Kind.NYDUS_BY_FEATURE, "linux/arm64/v8", Map.of("a", 1L, "b", 2L)),
            IndexEntry.attestation("amd64"),
            IndexEntry.image(null, Map.of("bare", 7L)),
            IndexEntry.index(null, IndexEntry.image("linux/s390x", Map.of("z", 8L))),
            IndexEntry.layer("cache", 5L));
    assertThat(any("web", digest))
        .isInstanceOfSatisfying(
            Manifest.Index.class,
            index ->
                assertThat(index.entries())
                    .extracting(Manifest.Entry::kind, Manifest.Entry::platform)
                    .containsExactly(
                        Tuple.tuple(EntryKind.MANIFEST, "linux/amd64"),
                        Tuple.tuple(EntryKind.NYDUS, "linux/amd64"),
                        Tuple.tuple(EntryKind.NYDUS, "linux/arm64/v8"),
                        Tuple.tuple(EntryKind.ATTESTATION, "unknown/unknown"),
                        Tuple.tuple(EntryKind.MANIFEST, null),
                        Tuple.tuple(EntryKind.INDEX, null),
                        Tuple.tuple(EntryKind.OTHER, null)));
    assertThatThrownBy(() -> client.manifest("ml", "web", digest))
        .isInstanceOfSatisfying(
            RemoteCallException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_PREHEATABLE));
    assertThat(client.anyManifest("ml", "web", "sha256:" + "0".repeat(64))).isEmpty();
  }

  private Manifest any(String repository, String digest) throws RemoteCallException {
    return client.anyManifest("ml", repository, digest).orElseThrow();
  }
}
