package io.goharbor.preheat.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.goharbor.preheat.http.RemoteSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Harbor that has an image under every tag, and the proxy of a Kraken, behind one address: as
 * much of them as a run needs. What the proxy is told of is what the operator has sent.
 */
public final class OutsideSystems implements AutoCloseable {
  /** Where the images are. */
  public static final String REPOSITORY = "shop/web";

  private static final String MANIFEST_TYPE =
      "application/vnd.docker.distribution.manifest.v2+json";
  private static final BigInteger LONGEST = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
  private static final Pattern ARTIFACT = Pattern.compile(".*/artifacts/([^/]+)");
  private static final String MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"%s",
       "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":10,
                 "digest":"sha256:%s"},
       "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":1000,
                  "digest":"sha256:%s"}]}
      """
          .formatted(MANIFEST_TYPE, "b".repeat(64), "c".repeat(64));

  /**
   * A job that was sent.
   *
   * @param id as the operator names it: run, task and attempt
   */
  public record Sent(String id, long nanos) {}

  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /** Starts both. */
  public OutsideSystems() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  /** The base URL of both. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Jobs that were sent, by how their names begin. */
  public List<Sent> sent(String beginning) {
    return sent.stream().filter(job -> job.id().startsWith(beginning)).toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/registry/notifications")) {
        for (JsonNode event : RemoteSystem.JSON.readTree(body).path("events")) {
          sent.add(new Sent(event.path("id").asText(), System.nanoTime()));
        }
      }
      String answer = answer(path);
      exchange
          .getResponseHeaders()
          .set("Content-Type", path.startsWith("/v2/") ? MANIFEST_TYPE : "application/json");
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String answer(String path) {
    Matcher artifact = ARTIFACT.matcher(path);
    if (artifact.matches()) {
      return artifact(artifact.group(1));
    }
    if (path.startsWith("/v2/")) {
      return MANIFEST;
    }
    return switch (path) {
      case "/api/v2.0/systeminfo" ->
          "{\"harbor_version\":\"v2.13.0\",\"current_time\":\"" + Instant.now() + "\"}";
      case "/service/token" -> "{\"token\":\"t\",\"expires_in\":1800}";
      case "/api/v2.0/projects" -> "[]";
      default -> "{}";
    };
  }

  /** Each tag has a digest of its own, so that no two runs are one job. */
  private static String artifact(String tag) {
    return """
    {"digest":"sha256:%064x","repository_name":"shop/web","type":"IMAGE","size":1000,
     "manifest_media_type":"%s","tags":[{"name":"%s"}]}
    """
        .formatted(
            new BigInteger(1, tag.getBytes(StandardCharsets.UTF_8)).and(LONGEST),
            MANIFEST_TYPE,
            tag);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
