package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Child;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes manifests as the tools do that make images, models, Nydus copies and indexes. */
final class ManifestWriter {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String NYDUS_BLOB = "application/vnd.oci.image.layer.nydus.blob.v1";

  /**
   * A manifest.
   *
   * @param type Harbor's type
   * @param described what Harbor gives as media type: the config's, or that of an index
   * @param artifactType the manifest's own, else the same
   */
  record Written(
      String type,
      String mediaType,
      String described,
      String artifactType,
      ObjectNode json,
      List<Blob> blobs,
      List<Child> children) {}

  private ManifestWriter() {}

  /** An image, or what else looks like one but for its type. */
  static Written image(String type, String platform, Map<String, Long> layers) {
    Blob config = Blob.config(platform, layers);
    ObjectNode json = manifest(IMAGE_CONFIG, config);
    List<Blob> blobs = new ArrayList<>(List.of(config));
    layers.forEach((name, size) -> blobs.add(layer(json, LAYER, Blob.layer(name, size))));
    return new Written(type, OCI_MANIFEST, IMAGE_CONFIG, IMAGE_CONFIG, json, blobs, List.of());
  }

  /**
   * A model.
   *
   * @param files sizes by name
   */
  static Written model(ModelFormat format, Map<String, Long> files) {
    String configType = format.prefix + ".config.v1+json";
    String artifactType = format.prefix + ".manifest.v1+json";
    Blob config =
        Blob.of(
            "{\"descriptor\":{\"name\":\"%s\"},\"modelfs\":{\"type\":\"layers\"}}"
                .formatted(Blob.sha256(files.toString().getBytes(StandardCharsets.UTF_8)))
                .getBytes(StandardCharsets.UTF_8));
    ObjectNode json = manifest(configType, config);
    json.put("artifactType", artifactType);
    List<Blob> blobs = new ArrayList<>(List.of(config));
    files.forEach((file, size) -> {
      blobs.add(layer(json, format.layerType(file), Blob.layer(file, size)));
      last(json).putObject("annotations").put("org.cncf.model.filepath", file);
    });
    return new Written(
        format.harborType, OCI_MANIFEST, configType, artifactType, json, blobs, List.of());
  }

  /**
   * A Nydus image: its data blobs, and last the bootstrap.
   *
   * @param subject what it was made of, when the converter attaches it; else null
   */
  static Written nydus(String platform, Map<String, Long> layers, @Nullable Artifact subject) {
    Blob config = Blob.config(platform, layers);
    ObjectNode json = manifest(IMAGE_CONFIG, config);
    List<Blob> blobs = new ArrayList<>(List.of(config));
    for (Iterator<Map.Entry<String, Long>> all = layers.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Long> one = all.next();
      boolean bootstrap = !all.hasNext();
      blobs.add(
          layer(
              json,
              bootstrap ? LAYER : NYDUS_BLOB,
              Blob.layer("nydus " + one.getKey(), one.getValue())));
      last(json)
          .putObject("annotations")
          .put("containerd.io/snapshot/nydus-" + (bootstrap ? "bootstrap" : "blob"), "true");
    }
    attach(json, subject);
    return new Written("IMAGE", OCI_MANIFEST, IMAGE_CONFIG, IMAGE_CONFIG, json, blobs, List.of());
  }

  /** A signature, an SBOM or the like, attached as the OCI specification 1.1 says. */
  static Written attached(String artifactType, Artifact subject) {
    Blob config = Blob.of("{}".getBytes(StandardCharsets.UTF_8));
    ObjectNode json = manifest("application/vnd.oci.empty.v1+json", config);
    json.put("artifactType", artifactType);
    Blob content = Blob.layer(artifactType + " of " + subject.digest, 1240);
    layer(json, artifactType, content);
    attach(json, subject);
    return new Written(
        "UNKNOWN",
        OCI_MANIFEST,
        "application/vnd.oci.empty.v1+json",
        artifactType,
        json,
        List.of(config, content),
        List.of());
  }

  /** An index. */
  static Written index(List<Child> children) {
    ObjectNode json = JSON.createObjectNode();
    json.put("schemaVersion", 2).put("mediaType", OCI_INDEX).putArray("manifests");
    for (Child child : children) {
      ObjectNode entry = json.withArray("manifests").addObject();
      descriptor(
          entry,
          child.kind() == IndexEntry.Kind.LAYER ? LAYER : child.artifact().mediaType,
          child.artifact().digest,
          child.artifact().manifest.length);
      switch (child.kind()) {
        case NYDUS -> entry.put("artifactType", "application/vnd.nydus.image.manifest.v1+json");
        case ATTESTATION ->
            entry.putObject("annotations").put("vnd.docker.reference.type", "attestation-manifest");
        default -> {
          // Nothing beside digest and platform tells.
        }
      }
      if (child.platform() != null) {
        ObjectNode platform = entry.putObject("platform");
        child.writePlatform(platform);
        if (child.kind() == IndexEntry.Kind.NYDUS_BY_FEATURE) {
          platform.putArray("os.features").add("nydus.remoteimage.v1");
        }
      }
    }
    return new Written("IMAGE", OCI_INDEX, OCI_INDEX, OCI_INDEX, json, List.of(), children);
  }

  private static ObjectNode manifest(String configType, Blob config) {
    ObjectNode json = JSON.createObjectNode();
    json.put("schemaVersion", 2).put("mediaType", OCI_MANIFEST);
    descriptor(json.putObject("config"), configType, config.digest(), config.size());
    json.putArray("layers");
    return json;
  }

  private static Blob layer(ObjectNode manifest, String mediaType, Blob layer) {
    descriptor(manifest.withArray("layers").addObject(), mediaType, layer.digest(), layer.size());
    return layer;
  }

  private static ObjectNode last(ObjectNode manifest) {
    return (ObjectNode) manifest.withArray("layers").path(manifest.path("layers").size() - 1);
  }

  private static void attach(ObjectNode manifest, @Nullable Artifact subject) {
    if (subject != null) {
      descriptor(
          manifest.putObject("subject"),
          subject.mediaType,
          subject.digest,
          subject.manifest.length);
    }
  }

  private static void descriptor(ObjectNode json, String mediaType, String digest, long size) {
    json.put("mediaType", mediaType).put("digest", digest).put("size", size);
  }
}
