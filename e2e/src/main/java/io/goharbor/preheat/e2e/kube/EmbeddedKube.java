package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The embedded API over plain HTTP on the loopback address. */
public final class EmbeddedKube implements Kube {
  /**
   * A request as roles see it.
   *
   * @param verb such as list
   * @param group empty for the core group
   * @param resource with its subresource, such as preheatpolicies/status
   * @param namespace empty for what is asked of all namespaces, or is in none
   */
  public record Asked(String verb, String group, String resource, String namespace) {}

  /**
   * An answer in place of what was asked, as admission rules, quotas and roles give it.
   *
   * @param code such as 403
   * @param reason such as Forbidden
   */
  public record Refusal(int code, String reason, String message) {
    /** What a used-up quota answers. */
    public static Refusal quota(String object) {
      return new Refusal(
          403,
          "Forbidden",
          object
              + " is forbidden: exceeded quota: few, requested:"
              + " count/preheatexecutions.preheat.goharbor.io=1, used:"
              + " count/preheatexecutions.preheat.goharbor.io=5, limited:"
              + " count/preheatexecutions.preheat.goharbor.io=5");
    }
  }

  /** Says which requests are refused. */
  @FunctionalInterface
  public interface Refusing {
    /**
     * The refusal, or null.
     *
     * @param name of the object; empty for what has none yet, and for collections
     * @param body as it was sent; missing when there is none
     */
    @Nullable Refusal of(Asked asked, String name, JsonNode body);
  }

  private static final int MAX_BODY = 3 * 1024 * 1024;

  /**
   * Tells who came by the kubeconfig from the clients of {@link #client()}; refused is only what
   * {@link #forbid} says.
   */
  private static final String TOKEN = "kubeconfig";

  private final KubeApi api = new KubeApi();
  private final int port;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kube-", 0).factory());
  private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
  private final Slowness slowness = new Slowness();
  private final Set<Asked> askedByKubeconfig = ConcurrentHashMap.newKeySet();
  private volatile BiConsumer<String, Asked> listener = (caller, asked) -> {};
  private volatile Refusing refusing = (asked, name, body) -> null;
  private volatile boolean available = true;
  private volatile boolean closed;
  private volatile HttpServer server;

  private EmbeddedKube(int port) {
    // Answers are small and many; without this the JDK's server waits for acknowledgements.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    this.server = serve(port);
    this.port = server.getAddress().getPort();
  }

  private HttpServer serve(int onPort) {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), 1024);
      made.setExecutor(threads);
      made.createContext("/", this::serve);
      made.start();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts on a free port. */
  public static EmbeddedKube start() {
    return new EmbeddedKube(0);
  }

  /** Starts on a given port. */
  public static EmbeddedKube start(int port) {
    return new EmbeddedKube(port);
  }

  /** The base URL. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** What a client needs to know. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(url())
        .withNamespace("default")
        .withDisableHostnameVerification(true)
        .build();
  }

  @Override
  public String describe() {
    return "embedded Kubernetes API at " + url();
  }

  @Override
  public KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(config())
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }

  @Override
  public String kubeconfig() {
    return """
    apiVersion: v1
    kind: Config
    current-context: embedded
    clusters:
      - name: embedded
        cluster: {server: "%s"}
    contexts:
      - name: embedded
        context: {cluster: embedded, user: embedded, namespace: default}
    users:
      - name: embedded
        user: {token: "%s"}
    """
        .formatted(url(), TOKEN);
  }

  /** While it is not available, every request is answered 503 and watches end. */
  public void available(boolean now) {
    available = now;
  }

  /** Who comes by the kubeconfig is answered 403 to these. */
  public void forbid(Predicate<Asked> which) {
    refuse((asked, name, body) ->
        which.test(asked) ? new Refusal(403, "Forbidden", asked + " is forbidden") : null);
  }

  /** Who comes by the kubeconfig is refused what this says. */
  public void refuse(Refusing which) {
    refusing = which;
  }

  /** Hears of each request as it comes, with the caller's token. */
  public void onRequest(BiConsumer<String, Asked> hears) {
    listener = hears;
  }

  /** Which requests are served late. */
  public Slowness slowness() {
    return slowness;
  }

  /** Dies: connections break and new ones are refused until {@link #revive}. Nothing is lost. */
  public void kill() {
    closed = true;
    server.stop(0);
  }

  /** Serves again under the same address. */
  public void revive() {
    closed = false;
    server = serve(port);
  }

  /**
   * Tells every change of a kind from now on, in order and also while no one is served.
   *
   * @param root such as /apis/apps/v1
   * @param sink takes the object, and whether it was deleted
   */
  public AutoCloseable observe(String root, String plural, BiConsumer<JsonNode, Boolean> sink) {
    KubeStore.Watch watch = api.watch(root, plural);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (true) {
                  KubeStore.Change change = watch.changes.take();
                  sink.accept(change.object(), change.kind().equals("DELETED"));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return () -> {
      watch.close();
      reader.interrupt();
    };
  }

  /**
   * Requests served so far, by verb and resource, such as {@code PATCH preheatexecutions/status}.
   */
  public Map<String, Long> requests() {
    Map<String, Long> all = new TreeMap<>();
    requests.forEach((name, count) -> all.put(name, count.sum()));
    return all;
  }

  /** What was asked so far by those that came by the kubeconfig: by the operator. */
  public Set<Asked> askedByKubeconfig() {
    return Set.copyOf(askedByKubeconfig);
  }

  /**
   * Stores an object as it is, with its status and whatever is in its metadata, as if it had been
   * there for long; no request is counted.
   *
   * @param root such as /apis/apps/v1
   */
  public void load(String root, String plural, ObjectNode object) {
    api.load(root, plural, object);
  }

  /** Writes served so far: everything but reads. */
  public long writes() {
    return requests().entrySet().stream()
        .filter(entry -> !entry.getKey().startsWith("GET") && !entry.getKey().startsWith("WATCH"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Override
  public void close() {
    closed = true;
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      if (!available) {
        send(exchange, 503, new KubeError(503, "ServiceUnavailable", "unavailable").status());
        return;
      }
      KubeApi.Request request =
          new KubeApi.Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              KubeApi.query(exchange.getRequestURI().getRawQuery()),
              header(exchange, "Content-Type"),
              header(exchange, "Accept"),
              body);
      answer(exchange, request);
    }
  }

  private void answer(HttpExchange exchange, KubeApi.Request request) throws IOException {
    try {
      if (List.of("/readyz", "/livez", "/healthz").contains(request.path())) {
        exchange.sendResponseHeaders(200, 2);
        exchange.getResponseBody().write("ok".getBytes(StandardCharsets.US_ASCII));
        return;
      }
      KubeApi.Target target = api.target(request.path()).orElse(null);
      boolean watch = request.method().equals("GET") && request.asks("watch");
      if (target != null && header(exchange, "Authorization").endsWith(TOKEN)) {
        Asked asked = asked(request.method(), watch, target);
        askedByKubeconfig.add(asked);
        listener.accept(header(exchange, "Authorization"), asked);
        Refusal refusal =
            refusing.of(
                asked,
                target.name(),
                request.body().length == 0
                    ? MissingNode.getInstance()
                    : Json.read(request.body(), request.contentType().contains("yaml")));
        if (refusal != null) {
          throw new KubeError(refusal.code(), refusal.reason(), refusal.message());
        }
      }
      String name = name(watch ? "WATCH" : request.method(), target);
      requests.computeIfAbsent(name, key -> new LongAdder()).increment();
      if (!slowness.pass(name)) {
        // Without an answer, as of a server that ended.
        return;
      }
      if (watch && target != null) {
        if (!header(exchange, "Upgrade").isEmpty()) {
          // No web sockets here; a 200 makes fabric8's client fall back to a plain stream.
          exchange.sendResponseHeaders(200, -1);
          return;
        }
        watch(exchange, request, target);
        return;
      }
      KubeApi.Answer answer = api.handle(request);
      answer
          .warnings()
          .forEach(warning ->
              exchange.getResponseHeaders().add("Warning", "299 - \"" + quote(warning) + "\""));
      send(exchange, answer.status(), answer.body());
    } catch (KubeError e) {
      send(exchange, e.code(), e.status());
    } catch (RuntimeException e) {
      send(exchange, 500, new KubeError(500, "InternalError", String.valueOf(e)).status());
    }
  }

  private static String quote(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String name(String verb, KubeApi.@Nullable Target target) {
    return verb
        + " "
        + (target == null
            ? "discovery"
            : target.type().plural()
                + (target.subresource().isEmpty() ? "" : "/" + target.subresource()));
  }

  private static Asked asked(String method, boolean watch, KubeApi.Target target) {
    String verb =
        switch (method) {
          case "POST" -> "create";
          case "DELETE" -> target.collection() ? "deletecollection" : "delete";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          default -> watch ? "watch" : target.collection() ? "list" : "get";
        };
    String resource = target.type().plural();
    return new Asked(
        verb,
        target.type().group(),
        target.subresource().isEmpty() ? resource : resource + "/" + target.subresource(),
        target.namespace());
  }

  private void watch(HttpExchange exchange, KubeApi.Request request, KubeApi.Target target)
      throws IOException {
    String since = request.query().getOrDefault("resourceVersion", "");
    Predicate<JsonNode> which =
        Selectors.of(request.query().get("labelSelector"), request.query().get("fieldSelector"));
    Predicate<JsonNode> mine =
        object ->
            (target.namespace().isEmpty() || Json.namespace(object).equals(target.namespace()))
                && (target.name().isEmpty() || Json.name(object).equals(target.name()))
                && which.test(object);
    boolean table = request.accept().contains("as=Table");
    Instant until =
        Instant.now()
            .plusSeconds(Long.parseLong(request.query().getOrDefault("timeoutSeconds", "1800")));
    KubeStore.Watch watch;
    try {
      watch =
          api.store()
              .watch(
                  target.type(), since.isEmpty() || since.equals("0") ? null : Long.valueOf(since));
    } catch (KubeError e) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      line(exchange.getResponseBody(), "ERROR", e.status());
      return;
    }
    try (watch) {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      out.flush();
      while (!closed && available && Instant.now().isBefore(until)) {
        KubeStore.Change change = watch.changes.poll(500, TimeUnit.MILLISECONDS);
        if (change != null) {
          tell(out, target, change, mine, table);
        }
      }
    } catch (IOException e) {
      // The watcher went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** An object that leaves or enters a selector is told as deleted or added. */
  private static void tell(
      OutputStream out,
      KubeApi.Target target,
      KubeStore.Change change,
      Predicate<JsonNode> mine,
      boolean table)
      throws IOException {
    boolean is = mine.test(change.object());
    boolean was = change.old() != null && mine.test(change.old());
    String kind =
        switch (change.kind()) {
          case "MODIFIED" -> is ? (was ? "MODIFIED" : "ADDED") : was ? "DELETED" : "";
          default -> is ? change.kind() : "";
        };
    if (kind.isEmpty()) {
      return;
    }
    line(
        out,
        kind,
        table
            ? Tables.of(
                target.type(),
                List.of(change.object()),
                Long.toString(change.version()),
                Instant.now())
            : change.object());
  }

  private static void line(OutputStream out, String kind, JsonNode object) throws IOException {
    ObjectNode event = Json.object().put("type", kind);
    event.set("object", object);
    out.write(Json.write(event));
    out.write('\n');
    out.flush();
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = Json.write(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
