package io.goharbor.preheat.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** As much of a Kubernetes API as a rehearsal needs: it answers with the same objects always. */
final class RehearsalApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKEN = "rehearsal";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final JsonNode objects;
  private final @Nullable String certificate;

  private RehearsalApi(HttpServer server, JsonNode objects, @Nullable String certificate) {
    this.server = server;
    this.objects = objects;
    this.certificate = certificate;
  }

  /**
   * Starts it on the loopback address.
   *
   * @param keystore null: without TLS
   */
  static RehearsalApi start(@Nullable Path keystore, String password)
      throws IOException, GeneralSecurityException {
    JsonNode objects;
    try (InputStream text = RehearsalApi.class.getResourceAsStream("rehearsal.json")) {
      objects = JSON.readTree(text);
    }
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    RehearsalApi api;
    if (keystore == null) {
      api = new RehearsalApi(HttpServer.create(address, 0), objects, null);
    } else {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream stored = Files.newInputStream(keystore)) {
        keys.load(stored, password.toCharArray());
      }
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, password.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      HttpsServer server = HttpsServer.create(address, 0);
      server.setHttpsConfigurator(new HttpsConfigurator(context));
      byte[] certificate = keys.getCertificate(keys.aliases().nextElement()).getEncoded();
      String pem =
          "-----BEGIN CERTIFICATE-----\n"
              + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
              + "\n-----END CERTIFICATE-----\n";
      api =
          new RehearsalApi(
              server,
              objects,
              Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)));
    }
    api.server.createContext("/", api::answer);
    api.server.setExecutor(api.threads);
    api.server.start();
    return api;
  }

  /** A kubeconfig to reach it. */
  String kubeconfig() {
    return """
    apiVersion: v1
    kind: Config
    current-context: rehearsal
    contexts: [{name: rehearsal, context: {cluster: rehearsal, user: rehearsal}}]
    users: [{name: rehearsal, user: {token: rehearsal}}]
    clusters:
      - name: rehearsal
        cluster:
          server: %s://127.0.0.1:%d
    """
            .formatted(certificate == null ? "http" : "https", server.getAddress().getPort())
        + (certificate == null ? "" : "      certificate-authority-data: " + certificate + "\n");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String query = DisplayText.orEmpty(exchange.getRequestURI().getQuery());
      String[] path = exchange.getRequestURI().getPath().split("/", -1);
      String last = path[path.length - 1];
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        send(exchange, 401, status(401, "Unauthorized"));
      } else if (query.contains("watch=true")) {
        watch(exchange, last);
      } else if (objects.path(last).isArray() && exchange.getRequestMethod().equals("GET")) {
        send(exchange, 200, list(last));
      } else {
        JsonNode found = object(path[path.length - 2], last);
        send(exchange, found == null ? 404 : 200, found == null ? missing(last) : found);
      }
    }
  }

  private JsonNode list(String plural) {
    ObjectNode list = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
    list.putObject("metadata").put("resourceVersion", "1");
    list.set("items", objects.path(plural));
    return list;
  }

  private @Nullable JsonNode object(String plural, String name) {
    for (JsonNode object : objects.path(plural)) {
      if (object.path("metadata").path("name").asText().equals(name)) {
        return object;
      }
    }
    // A creation: the name is not in the path.
    return objects.path(name).isEmpty() ? null : objects.path(name).get(0);
  }

  private static JsonNode missing(String name) {
    ObjectNode status = status(404, name + " not found");
    status.putObject("details").put("name", name);
    return status;
  }

  private static ObjectNode status(int code, String message) {
    return JSON.createObjectNode()
        .put("apiVersion", "v1")
        .put("kind", "Status")
        .put("status", "Failure")
        .put("code", code)
        .put("message", message);
  }

  private void watch(HttpExchange exchange, String plural) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    for (JsonNode object : objects.path(plural)) {
      ObjectNode event = JSON.createObjectNode().put("type", "MODIFIED");
      event.set("object", object);
      exchange.getResponseBody().write((event + "\n").getBytes(StandardCharsets.UTF_8));
    }
    exchange.getResponseBody().flush();
  }

  private static void send(HttpExchange exchange, int code, JsonNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    exchange.sendResponseHeaders(code, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
