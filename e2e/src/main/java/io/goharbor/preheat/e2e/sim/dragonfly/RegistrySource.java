package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The registry as the Manager and the peers see it: with the headers that the job brought. Troubles
 * are worded as Go's and distribution's clients word them.
 */
final class RegistrySource implements AutoCloseable {
  /** A config or layer. */
  record Blob(String digest, long size) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> KNOWN_CODES =
      Set.of(
          "UNAUTHORIZED",
          "DENIED",
          "UNAVAILABLE",
          "TOOMANYREQUESTS",
          "NAME_UNKNOWN",
          "MANIFEST_UNKNOWN",
          "BLOB_UNKNOWN");
  private static final String ACCEPT =
      "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json,"
          + " application/vnd.docker.distribution.manifest.v2+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json";

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /** The blobs of a manifest; what goes wrong is the message of the exception. */
  List<Blob> blobs(String url, String authorization, String platform) throws IOException {
    HttpResponse<byte[]> answer = send("GET", url, authorization);
    if (answer.statusCode() != 200) {
      throw new IOException(words(answer));
    }
    JsonNode manifest = JSON.readTree(answer.body());
    if (manifest.has("manifests")) {
      return ofIndex(url, authorization, platform, manifest);
    }
    if (!manifest.has("config")) {
      throw new IOException("unsupported manifest schema");
    }
    List<Blob> blobs = new ArrayList<>();
    blobs.add(blob(manifest.path("config")));
    manifest.path("layers").forEach(layer -> blobs.add(blob(layer)));
    return blobs;
  }

  private List<Blob> ofIndex(String url, String authorization, String platform, JsonNode index)
      throws IOException {
    List<Blob> blobs = new ArrayList<>();
    for (JsonNode child : index.path("manifests")) {
      String of =
          child.at("/platform/os").asText() + "/" + child.at("/platform/architecture").asText();
      if (of.equals(platform)) {
        String digest = child.path("digest").asText();
        blobs.addAll(
            blobs(
                url.replaceFirst("/manifests/[^/]*$", "/manifests/" + digest),
                authorization,
                platform));
      }
    }
    if (blobs.isEmpty()) {
      throw new IOException("no matching manifest for platform " + platform);
    }
    return blobs;
  }

  /** The bytes of a blob; what goes wrong is the message of the exception. */
  byte[] blob(String url, String authorization) throws IOException {
    HttpResponse<byte[]> answer = send("GET", url, authorization);
    if (answer.statusCode() != 200) {
      throw new IOException(words(answer));
    }
    return answer.body();
  }

  /** Why a peer could not download a blob, if so. */
  Optional<String> refuses(String blobUrl, String authorization) {
    try {
      HttpResponse<byte[]> answer = send("HEAD", blobUrl, authorization);
      return answer.statusCode() == 200
          ? Optional.empty()
          : Optional.of("registry answered " + answer.statusCode());
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private HttpResponse<byte[]> send(String method, String url, String authorization)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Accept", ACCEPT);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    String call = method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      URI to = URI.create(url);
      throw new IOException(
          call
              + " \""
              + url
              + "\": dial tcp "
              + to.getAuthority()
              + ": connect: connection refused",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(call + " \"" + url + "\": context canceled", e);
    }
  }

  private static String words(HttpResponse<byte[]> answer) {
    try {
      JsonNode error = JSON.readTree(answer.body()).path("errors").path(0);
      if (error.path("code").isTextual()) {
        String code = error.path("code").asText();
        // Codes that distribution does not know, such as Harbor's own, become "unknown".
        return (KNOWN_CODES.contains(code)
                ? code.toLowerCase(Locale.ROOT).replace('_', ' ')
                : "unknown")
            + ": "
            + error.path("message").asText();
      }
    } catch (IOException notJson) {
      // Worded below.
    }
    return "error parsing HTTP "
        + answer.statusCode()
        + " response body: "
        + new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static Blob blob(JsonNode descriptor) {
    return new Blob(descriptor.path("digest").asText(), descriptor.path("size").asLong());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
