package io.goharbor.preheat.e2e.hostile;

import io.goharbor.preheat.e2e.hostile.HostileServer.Conduct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** How a server can answer that means no good. */
final class Conducts {
  /** Of the one artifact that the Harbor here has. */
  static final String DIGEST = "sha256:" + "ab".repeat(32);

  private static final byte[] CHUNK = "{},".repeat(20_000).getBytes(StandardCharsets.US_ASCII);

  private Conducts() {}

  /** An ordinary answer of JSON, with more headers, each a line without its end. */
  static Conduct json(int status, String body, String... headers) {
    return bytes(status, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static Conduct bytes(int status, byte[] body, String... headers) {
    return (request, out) -> {
      head(out, status, headers);
      out.write(
          ("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      if (!request.method().equals("HEAD")) {
        out.write(body);
      }
    };
  }

  /** An answer that is small on the wire and 32 MiB of small objects when it is unpacked. */
  static Conduct bomb(String before, String after) {
    byte[] packed = packed(before, after);
    return bytes(200, packed, "Content-Encoding: gzip");
  }

  private static byte[] packed(String before, String after) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(before.getBytes(StandardCharsets.UTF_8));
      for (int written = 0; written < 32 * 1024 * 1024; written += CHUNK.length) {
        gzip.write(CHUNK);
      }
      gzip.write(("{}" + after).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A body without an end, as fast as it is read. */
  static Conduct endless(String before, String again) {
    return (request, out) -> {
      head(out, 200);
      out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      out.write(before.getBytes(StandardCharsets.UTF_8));
      byte[] part = again.repeat(1000).getBytes(StandardCharsets.UTF_8);
      while (true) {
        out.write(part);
        out.flush();
      }
    };
  }

  /** Headers without an end. */
  static Conduct endlessHeaders() {
    return (request, out) -> {
      head(out, 200);
      for (int i = 0; ; i++) {
        out.write(
            ("X-" + i + ": " + "x".repeat(1000) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      }
    };
  }

  /** One byte each two seconds, of the headers and of the body. */
  static Conduct drip() {
    return (request, out) -> {
      byte[] answer =
          ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + " ".repeat(10_000))
              .getBytes(StandardCharsets.US_ASCII);
      for (byte one : answer) {
        out.write(one);
        out.flush();
        Thread.sleep(Duration.ofSeconds(2));
      }
    };
  }

  /** Quotes all that it was sent, in the body and in the path of a redirect. */
  static Conduct quoting(int status) {
    return (request, out) -> {
      StringBuilder said = new StringBuilder();
      request
          .headers()
          .forEach((name, value) -> said.append(name).append('=').append(value).append(' '));
      String quoted = said.toString().replace("\\", "\\\\").replace("\"", "\\\"");
      json(
              status,
              "{\"errors\":[{\"code\":\"X\",\"message\":\""
                  + quoted
                  + "\"}],\"message\":\""
                  + quoted
                  + "\"}",
              "WWW-Authenticate: Bearer realm=\"" + quoted + "\"",
              "Location: http://127.0.0.1:1/"
                  + request.header("authorization").replace(' ', '/')
                  + "/"
                  + request.header("x-stolen"))
          .answer(request, out);
    };
  }

  /** Hangs up without a word. */
  static Conduct silent() {
    return (request, out) -> {};
  }

  /** The first of these whose path begins the request's path; else 404. */
  static Conduct site(List<Route> routes) {
    return (request, out) -> {
      for (Route route : routes) {
        if (request.path().startsWith(route.path())) {
          route.conduct().answer(request, out);
          return;
        }
      }
      json(404, "{\"errors\":[{\"code\":\"NOT_FOUND\",\"message\":\"not here\"}]}")
          .answer(request, out);
    };
  }

  /** What is done below a path. */
  record Route(String path, Conduct conduct) {}

  /** A Harbor that works as far as it is asked, but for these routes. */
  static Conduct harbor(Route... hostile) {
    List<Route> routes = new java.util.ArrayList<>(List.of(hostile));
    routes.add(
        new Route(
            "/api/v2.0/systeminfo",
            json(
                200,
                "{\"harbor_version\":\"v2.14.0-5b0bcabd\",\"auth_mode\":\"db_auth\","
                    + "\"notification_enable\":true}")));
    routes.add(
        new Route(
            "/api/v2.0/projects/evil/webhook/policies",
            (request, out) ->
                (request.method().equals("POST")
                        ? json(201, "", "Location: /api/v2.0/projects/evil/webhook/policies/7")
                        : json(200, "[]", "X-Total-Count: 0"))
                    .answer(request, out)));
    routes.add(
        new Route(
            "/api/v2.0/projects/evil/repositories/",
            json(
                200,
                ("{\"digest\":\"%s\",\"type\":\"IMAGE\",\"repository_name\":\"evil/app\",\"size\":1000,"
                        + "\"manifest_media_type\":\"application/vnd.oci.image.manifest.v1+json\","
                        + "\"tags\":[{\"name\":\"1\"}]}")
                    .formatted(DIGEST))));
    routes.add(new Route("/api/v2.0/projects/evil/artifacts", json(200, "[]", "X-Total-Count: 0")));
    routes.add(
        new Route(
            "/api/v2.0/projects",
            (request, out) ->
                (request.path().equals("/api/v2.0/projects")
                        ? json(
                            200,
                            "[{\"project_id\":1,\"name\":\"evil\",\"metadata\":{\"public\":\"false\"}}]",
                            "X-Total-Count: 1")
                        : json(404, "{\"errors\":[{\"code\":\"NOT_FOUND\",\"message\":\"no\"}]}"))
                    .answer(request, out)));
    routes.add(new Route("/service/token", json(200, "{\"token\":\"pull-token-of-the-tenant\"}")));
    return site(routes);
  }

  /** A Dragonfly Manager that works as far as it is asked, but for these routes. */
  static Conduct dragonfly(Route... hostile) {
    List<Route> routes = new java.util.ArrayList<>(List.of(hostile));
    routes.add(new Route("/healthy", json(200, "\"OK\"")));
    routes.add(
        new Route(
            "/oapi/v1/clusters",
            json(200, "[{\"id\":1,\"scheduler_cluster_id\":1,\"seed_peer_cluster_id\":1}]")));
    routes.add(new Route("/oapi/v1/jobs", json(200, "[]")));
    return site(routes);
  }

  private static void head(OutputStream out, int status, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
    text.append("Content-Type: application/json\r\nConnection: close\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
