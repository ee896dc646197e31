package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Grammar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests and indexes of the OCI image specification 1.1 and of Docker. What is told apart
 * beyond them: attestations as BuildKit writes them, and entries of an index in the Nydus format,
 * which nydusify marked by a feature of the platform before 2.3.5 and by an artifact type since.
 */
final class ManifestJson {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  private static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);
  private static final String NYDUS_TYPE = "application/vnd.nydus.image.manifest.v1+json";
  private static final String NYDUS_FEATURE = "nydus.remoteimage.v1";
  private static final String NYDUS_BOOTSTRAP = "containerd.io/snapshot/nydus-bootstrap";
  private static final String REFERENCE_TYPE = "vnd.docker.reference.type";

  private ManifestJson() {}

  static boolean isIndex(JsonNode json) {
    return json.path("manifests").isArray();
  }

  static boolean hasBlobs(JsonNode json) {
    return json.path("layers").isArray();
  }

  static @Nullable String subject(JsonNode json) {
    String digest = json.path("subject").path("digest").asText("");
    return Grammar.CONTENT_DIGEST.accepts(digest) ? digest : null;
  }

  /** Whether all that it names is named by a digest; what is none may be a path. */
  static boolean namesDigestsOnly(JsonNode json) {
    return Stream.of(
            json.path("manifests").valueStream(),
            json.path("layers").valueStream(),
            Stream.of(json.path("config")))
        .flatMap(Function.identity())
        .map(descriptor -> descriptor.path("digest").asText(""))
        .allMatch(digest -> digest.isEmpty() || Grammar.CONTENT_DIGEST.accepts(digest));
  }

  /** Config and layers, each digest once. */
  static List<ImageManifest.Blob> blobs(JsonNode manifest) {
    List<JsonNode> descriptors = new ArrayList<>();
    descriptors.add(manifest.path("config"));
    manifest.path("layers").forEach(descriptors::add);
    Map<String, ImageManifest.Blob> blobs = new LinkedHashMap<>();
    for (JsonNode descriptor : descriptors) {
      String digest = descriptor.path("digest").asText("");
      if (!digest.isEmpty()) {
        blobs.putIfAbsent(
            digest, new ImageManifest.Blob(digest, Math.max(0, descriptor.path("size").asLong())));
      }
    }
    return List.copyOf(blobs.values());
  }

  static boolean isNydus(JsonNode manifest) {
    JsonNode layers = manifest.path("layers");
    return layers.path(layers.size() - 1).path("annotations").has(NYDUS_BOOTSTRAP);
  }

  /** The entries that have a digest. */
  static List<Manifest.Entry> entries(JsonNode index) {
    List<Manifest.Entry> entries = new ArrayList<>();
    for (JsonNode json : index.path("manifests")) {
      String digest = json.path("digest").asText("");
      if (!digest.isEmpty()) {
        entries.add(
            new Manifest.Entry(
                digest, kind(json), json.path("mediaType").asText(""), platform(json)));
      }
    }
    return List.copyOf(entries);
  }

  private static Manifest.EntryKind kind(JsonNode entry) {
    String mediaType = entry.path("mediaType").asText("");
    JsonNode platform = entry.path("platform");
    if (entry.path("annotations").path(REFERENCE_TYPE).asText("").equals("attestation-manifest")
        || platform.path("os").asText("").equals("unknown")) {
      return Manifest.EntryKind.ATTESTATION;
    }
    if (INDEXES.contains(mediaType)) {
      return Manifest.EntryKind.INDEX;
    }
    if (!mediaType.isEmpty() && !MANIFESTS.contains(mediaType)) {
      return Manifest.EntryKind.OTHER;
    }
    if (entry.path("artifactType").asText("").equals(NYDUS_TYPE)) {
      return Manifest.EntryKind.NYDUS;
    }
    for (JsonNode feature : platform.path("os.features")) {
      if (feature.asText().equals(NYDUS_FEATURE)) {
        return Manifest.EntryKind.NYDUS;
      }
    }
    return Manifest.EntryKind.MANIFEST;
  }

  private static @Nullable String platform(JsonNode entry) {
    JsonNode platform = entry.path("platform");
    String os = platform.path("os").asText("");
    String architecture = platform.path("architecture").asText("");
    if (os.isEmpty() || architecture.isEmpty()) {
      return null;
    }
    String variant = platform.path("variant").asText("");
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
