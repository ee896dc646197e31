package io.goharbor.preheat.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.http.Response;
import io.fabric8.mockwebserver.http.WebSocket;
import io.fabric8.mockwebserver.http.WebSocketListener;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An API server that answers as a test wants it to. It is fabric8's mock server, which keeps
 * objects and sends watches, and what that lacks for this operator: server-side apply of statuses
 * and finalizers, and the words of a name that is taken.
 */
public final class FaultyApi extends KubernetesCrudDispatcher implements AutoCloseable {
  private static final String CONTENT_TYPE = "Content-Type";

  private static final Pattern LIST = Pattern.compile("/apis/preheat\\.goharbor\\.io/v[^/]+/[^/]+");

  /** It would tell of each request. */
  private static final Logger NOISE = Logger.getLogger(MockWebServer.class.getName());

  /**
   * A request and what became of it.
   *
   * @param path without the query
   * @param watch whether it asks for a watch
   * @param nanos when it came, by {@link System#nanoTime}
   */
  public record Call(String method, String path, boolean watch, String body, int code, long nanos) {
    /** Whether the server said that it did what was asked. */
    public boolean succeeded() {
      return code < 300;
    }
  }

  /** What is answered in place of, or after, what the server would do by itself. */
  public interface Fault extends Function<Supplier<MockResponse>, MockResponse> {
    /** Refuses. */
    static Fault answer(int code, String message) {
      return honest -> failure(code, "", message);
    }

    /** Refuses for a while, with a whole number of seconds in {@code Retry-After}. */
    static Fault tooManyRequests(int seconds) {
      return honest ->
          failure(429, "TooManyRequests", "too many requests").setHeader("Retry-After", seconds);
    }

    /** Does it, and answers that it failed. */
    static Fault answerAfterEffect(int code) {
      return honest -> {
        var _ = honest.get();
        return failure(code, "", "the answer was lost");
      };
    }

    /** Does it, and answers late. */
    static Fault slowly(Duration delay) {
      return honest -> honest.get().setBodyDelay(delay);
    }

    /** Lets something else happen first. */
    static Fault after(Runnable first) {
      return honest -> {
        first.run();
        return honest.get();
      };
    }
  }

  /** Faults of the requests that it is about, as long as there are some left. */
  private static final class Rule {
    private final Predicate<Call> about;
    private final Fault fault;
    private int left;

    Rule(Predicate<Call> about, Fault fault, int left) {
      this.about = about;
      this.fault = fault;
      this.left = left;
    }
  }

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(new ObjectMapper()), new MockWebServer(), new HashMap<>(), this, false);
  private final List<Rule> rules = new CopyOnWriteArrayList<>();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Set<WebSocket> watches = ConcurrentHashMap.newKeySet();
  private final List<Runnable> ended = new CopyOnWriteArrayList<>();

  /** Starts with no objects and no faults. */
  public FaultyApi() {
    super(
        Stream.of(
                HarborRegistry.class,
                P2PProvider.class,
                PreheatPolicy.class,
                PreheatExecution.class)
            .map(CustomResourceDefinitionContext::fromCustomResourceType)
            .toList());
    NOISE.setLevel(Level.WARNING);
    server.start();
  }

  /** Its base URL. */
  public String url() {
    return server.url("/");
  }

  /** Status writes of an object. */
  public static Predicate<Call> statusOf(String plural, String name) {
    return call ->
        call.method().equals("PATCH")
            && call.path().endsWith("/" + plural + "/" + name + "/status");
  }

  /** Creations of a kind. */
  public static Predicate<Call> creationOf(String plural) {
    return call -> call.method().equals("POST") && call.path().endsWith("/" + plural);
  }

  /** Reads of an object. */
  public static Predicate<Call> readOf(String plural, String name) {
    return call -> call.method().equals("GET") && call.path().endsWith("/" + plural + "/" + name);
  }

  /** Lists and watches of our kinds. */
  public static Predicate<Call> listOrWatch() {
    return call -> call.method().equals("GET") && LIST.matcher(call.path()).matches();
  }

  /** Meets the next so many requests with a fault, unless an earlier one is met with another. */
  public void meet(int times, Predicate<Call> about, Fault fault) {
    rules.add(new Rule(about, fault, times));
  }

  /**
   * Meets all requests with a fault.
   *
   * @return ends it
   */
  public Runnable meetAll(Predicate<Call> about, Fault fault) {
    Rule rule = new Rule(about, fault, Integer.MAX_VALUE);
    rules.add(rule);
    return () -> rules.remove(rule);
  }

  /** There are no faults any more. */
  public void heal() {
    rules.clear();
  }

  /** What was asked so far, in order. */
  public List<Call> calls(Predicate<Call> about) {
    return calls.stream().filter(about).toList();
  }

  /** Watches that are open. */
  public int watches() {
    return watches.size();
  }

  /** Ends all watches, as a server does that goes away. */
  public void closeWatches() {
    watches.forEach(watch -> watch.close(1001, "going away"));
  }

  /** Tells all watches that what they know is too old. */
  public void expireWatches() {
    String gone =
        Serialization.asJson(
            Map.of(
                "type",
                "ERROR",
                "object",
                new StatusBuilder()
                    .withCode(410)
                    .withReason("Expired")
                    .withStatus("Failure")
                    .withMessage("too old resource version: 1 (2)")
                    .build()));
    watches.forEach(watch -> watch.send(gone));
  }

  /** Somebody changes an object; nothing that matters, but its version. */
  public void touch(String path) {
    MockResponse answer =
        super.handlePatch(
            request(
                path,
                PatchType.JSON_MERGE.getContentType(),
                "{\"metadata\":{\"labels\":{\"touched\":\"" + System.nanoTime() + "\"}}}"));
    if (answer.code() >= 300) {
      throw new IllegalStateException(path + ": " + answer.code());
    }
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    String path = path(request);
    String body = new String(request.getBody().getBytes(), StandardCharsets.UTF_8);
    long nanos = System.nanoTime();
    Supplier<MockResponse> honest = () -> super.dispatch(request);
    boolean watch = request.getPath().contains("watch=true");
    Optional<Fault> fault = fault(new Call(request.getMethod(), path, watch, body, 0, nanos));
    MockResponse answer = fault.isPresent() ? fault.get().apply(honest) : honest.get();
    calls.add(new Call(request.getMethod(), path, watch, body, answer.code(), nanos));
    return answer;
  }

  private Optional<Fault> fault(Call call) {
    for (Rule rule : rules) {
      synchronized (rule) {
        if (rule.left > 0 && rule.about.test(call)) {
          rule.left--;
          return Optional.of(rule.fault);
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public MockResponse handleCreate(RecordedRequest request) {
    MockResponse answer = super.handleCreate(request);
    return answer.code() == 409 ? failure(409, "AlreadyExists", "already exists") : answer;
  }

  /** One field manager is all there is, so what it applies replaces what it applied before. */
  @Override
  public MockResponse handlePatch(RecordedRequest request) {
    if (!PatchType.SERVER_SIDE_APPLY
        .getContentType()
        .equals(String.valueOf(request.getHeader(CONTENT_TYPE)).split(";", 2)[0])) {
      return super.handlePatch(request);
    }
    JsonNode applied = Serialization.unmarshal(request.getUtf8Body(), JsonNode.class);
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    put(patch, "/metadata/resourceVersion", applied.at("/metadata/resourceVersion"));
    put(patch, "/metadata/finalizers", applied.at("/metadata/finalizers"));
    put(patch, "/status", applied.path("status"));
    return super.handlePatch(
        request(path(request), PatchType.JSON.getContentType(), patch.toString()));
  }

  private static void put(ArrayNode patch, String path, JsonNode value) {
    if (!value.isMissingNode()) {
      patch.addObject().put("op", "add").put("path", path).set("value", value);
    }
  }

  private static RecordedRequest request(String path, String contentType, String body) {
    return new RecordedRequest(
        "HTTP_1_1",
        HttpMethod.PATCH,
        path,
        Headers.builder().add(CONTENT_TYPE, contentType).build(),
        new Buffer(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static String path(RecordedRequest request) {
    return request.getPath().split("\\?", 2)[0];
  }

  private static MockResponse failure(int code, String reason, String message) {
    return new MockResponse()
        .setResponseCode(code)
        .setHeader(CONTENT_TYPE, "application/json")
        .setBody(
            Serialization.asJson(
                new StatusBuilder()
                    .withStatus("Failure")
                    .withCode(code)
                    .withReason(reason)
                    .withMessage(message)
                    .build()));
  }

  @Override
  public MockResponse handleWatch(String path) {
    MockResponse answer = super.handleWatch(path);
    return answer.withWebSocketUpgrade(new OpenWatch(answer.getWebSocketListener()));
  }

  /** Keeps the socket of a watch, so that a test can end it. */
  private final class OpenWatch extends WebSocketListener {
    private final WebSocketListener events;

    OpenWatch(WebSocketListener events) {
      this.events = events;
    }

    @Override
    public void onBeforeAccept(WebSocket socket, Response response) {
      events.onBeforeAccept(socket, response);
    }

    @Override
    public void onOpen(WebSocket socket, Response response) {
      watches.add(socket);
      events.onOpen(socket, response);
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      events.onMessage(socket, text);
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      ended(socket);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, Response response) {
      ended(socket);
    }

    /** The mock server would go on to tell its own listener, and fail if that had ended. */
    private void ended(WebSocket socket) {
      if (watches.remove(socket)) {
        ended.add(() -> events.onClosed(socket, 1000, ""));
      }
    }
  }

  @Override
  public void close() {
    ended.forEach(Runnable::run);
    server.shutdown();
  }
}
