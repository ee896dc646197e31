package io.goharbor.preheat.e2e.driver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.harbor.ImageManifest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A registry from which a simulated P2P system pulls; as real ones, it gives no manifest as blob.
 */
final class TinyRegistry implements AutoCloseable {
  static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  static final String OCI = "application/vnd.oci.image.manifest.v1+json";

  // The same image has the same digest, and so the same owners, in every run.
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final SimServer server;
  private final Map<String, byte[]> content = new ConcurrentHashMap<>();
  private final @Nullable String authorization;

  /** A registry that anybody may pull from. */
  TinyRegistry() {
    this(null, null);
  }

  /** A registry for one account. */
  TinyRegistry(@Nullable String user, @Nullable String password) {
    authorization =
        user == null
            ? null
            : "Basic "
                + Base64.getEncoder()
                    .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    server = new SimServer("registry", InstantSource.system());
    for (String method : List.of("GET", "HEAD")) {
      server.route(method, "/v2/{name+}/blobs/{digest}", ask -> serve(ask, "blobs"));
      server.route(method, "/v2/{name+}/manifests/{digest}", ask -> serve(ask, "manifests"));
    }
    server.start();
  }

  SimServer server() {
    return server;
  }

  /** Pushes an image with layers of these sizes, the content of which follows from the seed. */
  ImageManifest push(
      String project, String repository, String mediaType, long seed, int... layers) {
    Random random = new Random(seed);
    List<byte[]> content = new ArrayList<>();
    for (int size : layers) {
      byte[] layer = new byte[size];
      random.nextBytes(layer);
      content.add(layer);
    }
    return push(project, repository, mediaType, seed, content);
  }

  /** Pushes an image with these layers and a config that follows from the seed. */
  ImageManifest push(
      String project, String repository, String mediaType, long seed, List<byte[]> layers) {
    String name = project + "/" + repository;
    List<ImageManifest.Blob> blobs = new ArrayList<>();
    blobs.add(blob(name, ("{\"seed\":" + seed + "}").getBytes(StandardCharsets.UTF_8)));
    layers.forEach(layer -> blobs.add(blob(name, layer)));
    List<Map<String, Object>> descriptors =
        blobs.stream()
            .map(blob -> Map.<String, Object>of("digest", blob.digest(), "size", blob.size()))
            .toList();
    try {
      byte[] manifest =
          JSON.writeValueAsBytes(
              Map.of(
                  "schemaVersion",
                  2,
                  "mediaType",
                  mediaType,
                  "config",
                  descriptors.getFirst(),
                  "layers",
                  descriptors.subList(1, descriptors.size())));
      String digest = digest(manifest);
      content.put(name + "/manifests/" + digest, manifest);
      return new ImageManifest(server.url(), project, repository, digest, mediaType, blobs);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private ImageManifest.Blob blob(String name, byte[] bytes) {
    String digest = digest(bytes);
    content.put(name + "/blobs/" + digest, bytes);
    return new ImageManifest.Blob(digest, bytes.length);
  }

  /** Takes a blob out of one repository; others may still have it. */
  void remove(String name, String digest) {
    content.remove(name + "/blobs/" + digest);
  }

  private Answer serve(Ask ask, String kind) {
    if (authorization != null && !authorization.equals(ask.header("Authorization").orElse(""))) {
      return Answer.status(401).with("WWW-Authenticate", "Basic realm=\"registry\"");
    }
    byte[] found = content.get(ask.variable("name") + "/" + kind + "/" + ask.variable("digest"));
    if (found == null) {
      return Answer.status(404);
    }
    return ask.method().equals("HEAD")
        ? Answer.status(200).with("Content-Length", Integer.toString(found.length))
        : new Answer(200, Map.of("Content-Type", "application/octet-stream"), found);
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
