package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.harbor.ImageManifest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A registry with little in it, all of it real: bytes that have the digests they are asked by. */
final class ContractRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final Set<String> authorizations;
  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  private final SimServer server;

  /**
   * A registry.
   *
   * @param authorizations the values of the Authorization header that it takes
   */
  ContractRegistry(Set<String> authorizations) {
    this.authorizations = authorizations;
    this.server =
        new SimServer("registry", Clock.systemUTC())
            .route("GET", "/v2/{name+}/manifests/{digest}", this::serve)
            .route("HEAD", "/v2/{name+}/manifests/{digest}", this::serve)
            .route("GET", "/v2/{name+}/blobs/{digest}", this::serve)
            .route("HEAD", "/v2/{name+}/blobs/{digest}", this::serve)
            .start();
  }

  /** The HTTP side. */
  SimServer server() {
    return server;
  }

  /** Pushes an image with a config and so many layers. */
  ImageManifest push(String project, String repository, int layers) {
    List<ImageManifest.Blob> blobs = new ArrayList<>();
    blobs.add(store("{\"architecture\":\"amd64\",\"of\":\"" + repository + "\"}"));
    for (int i = 0; i < layers; i++) {
      blobs.add(store(("layer " + i + " of " + repository + "\n").repeat(100 * (i + 1))));
    }
    StringBuilder json = new StringBuilder();
    json.append("{\"schemaVersion\":2,\"mediaType\":\"").append(MANIFEST).append("\",\"config\":");
    json.append(descriptor("application/vnd.oci.image.config.v1+json", blobs.getFirst()));
    json.append(",\"layers\":[");
    for (int i = 1; i < blobs.size(); i++) {
      json.append(i == 1 ? "" : ",")
          .append(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", blobs.get(i)));
    }
    ImageManifest.Blob manifest = store(json.append("]}").toString());
    return image(project, repository, manifest.digest(), blobs);
  }

  /** An image that was never pushed. */
  ImageManifest missing(String project, String repository) {
    return image(
        project,
        repository,
        digest("no such manifest".getBytes(StandardCharsets.UTF_8)),
        List.of());
  }

  private ImageManifest image(
      String project, String repository, String digest, List<ImageManifest.Blob> blobs) {
    return new ImageManifest(server.url(), project, repository, digest, MANIFEST, blobs);
  }

  @Override
  public void close() {
    server.close();
  }

  private ImageManifest.Blob store(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String digest = digest(bytes);
    contents.put(digest, bytes);
    return new ImageManifest.Blob(digest, bytes.length);
  }

  private Answer serve(Ask ask) {
    if (!authorizations.contains(ask.header("Authorization").orElse(""))) {
      return error(401, "UNAUTHORIZED", "unauthorized to access repository")
          .with("WWW-Authenticate", "Basic realm=\"tiny\"");
    }
    boolean asManifest = ask.rawPath().contains("/manifests/");
    byte[] content = contents.get(ask.variable("digest"));
    if (content == null) {
      return asManifest
          ? error(404, "MANIFEST_UNKNOWN", "manifest unknown")
          : error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    return new Answer(
        200, Map.of("Content-Type", asManifest ? MANIFEST : "application/octet-stream"), content);
  }

  private static Answer error(int status, String code, String message) {
    return Answer.json(status, Map.of("errors", List.of(Map.of("code", code, "message", message))));
  }

  private static String descriptor(String mediaType, ImageManifest.Blob blob) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, blob.digest(), blob.size());
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
