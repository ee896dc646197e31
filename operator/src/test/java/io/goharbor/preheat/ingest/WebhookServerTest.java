package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.ingest.MemoryStore.Fault;
import io.goharbor.preheat.ingest.WebhookCredentials.ExpectedAuthorization;
import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server over real HTTP; executions go to memory. */
class WebhookServerTest {
  private static final String SECRET = "Bearer 3f0c-secret";
  private static final String PATH = "/hooks/team/main";
  private static final Instant NOW = Instant.parse("2026-05-02T08:11:03Z");

  private final MemoryStore store = new MemoryStore();
  private final EventBatcher batcher =
      new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}));
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EventMetrics metrics = new EventMetrics(meters);
  private final Map<ObjectKey, Instant> heard = new ConcurrentHashMap<>();
  private final OkHttpClient client =
      new OkHttpClient.Builder()
          .connectionPool(new ConnectionPool(300, 1, java.util.concurrent.TimeUnit.MINUTES))
          .build();
  private final Map<String, WebhookCredential> credentials = new TreeMap<>();
  private WebhookServer server;
  private volatile boolean ready = true;

  /** An answer as the caller sees it. */
  private record Seen(int code, String body, @Nullable String retryAfter, @Nullable String allow) {}

  @BeforeEach
  void start() throws IOException {
    credentials.put("team/main", new WebhookCredential.Open(new ExpectedAuthorization(SECRET)));
    credentials.put("team/closed", new WebhookCredential.Absent("spec.webhook is not set"));
    credentials.put("team/broken", new WebhookCredential.Unavailable("the Secret is missing"));
    server =
        new WebhookServer(
            0,
            null,
            new WebhookHandler(
                registry ->
                    credentials.getOrDefault(
                        registry.toString(),
                        new WebhookCredential.Absent("there is no such registry")),
                Samples.watch(
                    Stream.concat(
                            Stream.of(
                                Samples.policy("shop", "v*", EventTrigger.PUSHED),
                                Samples.policy("scans", null, EventTrigger.SCANNED)),
                            IntStream.range(0, 20).mapToObj(i -> costly("costly-" + i)))
                        .toArray(PreheatPolicy[]::new)),
                batcher,
                heard::put,
                metrics,
                InstantSource.fixed(NOW),
                () -> ready),
            metrics,
            new Supervisor(_ -> {}));
    server.start();
  }

  @AfterEach
  void stop() {
    store.gate.countDown();
    server.close();
    batcher.close();
    client.connectionPool().evictAll();
  }

  @Test
  void an_event_is_answered_with_the_names_of_what_was_stored() throws IOException {
    Seen seen = push("v1");
    assertThat(seen.code()).isEqualTo(202);
    assertThat(seen.body())
        .isEqualTo("{\"executions\":[\"team/" + store.stored.keySet().iterator().next() + "\"]}");
    assertThat(heard).containsExactly(entry(new ObjectKey("team", "main"), NOW));
    assertThat(count("preheat.events.received", "type", "PUSH_ARTIFACT")).isEqualTo(1);
    assertThat(count("preheat.events.committed", "registry", "team/main")).isEqualTo(1);
    assertThat(count("preheat.webhook.requests", "code", "202")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "scan-default, executions",
    "scan-cloudevents-child-without-tag, executions",
    "push-cloudevents, EventNotSelected",
    "push-by-digest-tag-is-digest, Untagged",
    "unknown-type, UnknownEvent",
    "replication-running, EventStartsNothing"
  })
  void both_formats_are_accepted_and_what_is_ignored_says_why(String fixture, String words)
      throws IOException {
    Seen seen = post(PATH, SECRET, Fixtures.text(fixture));
    assertThat(seen.code()).isEqualTo(202);
    assertThat(seen.body()).contains(words);
    if (!words.equals("executions")) {
      assertThat(seen.body()).contains("\"ignored\":");
      assertThat(count("preheat.events.ignored", "reason", words)).isEqualTo(1);
      assertThat(store.stored).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PUSH_ARTIFACT, harbor.artifact.pushed, executions",
    "PULL_ARTIFACT, harbor.artifact.pulled, EventStartsNothing",
    "DELETE_ARTIFACT, harbor.artifact.deleted, EventStartsNothing",
    "SCANNING_COMPLETED, harbor.scan.completed, executions",
    "SCANNING_FAILED, harbor.scan.failed, EventStartsNothing",
    "SCANNING_STOPPED, harbor.scan.stopped, EventStartsNothing",
    "QUOTA_EXCEED, harbor.quota.exceeded, EventStartsNothing",
    "QUOTA_WARNING, harbor.quota.warned, EventStartsNothing",
    "REPLICATION, harbor.replication.status.changed, EventStartsNothing",
    "TAG_RETENTION, harbor.tag_retention.finished, EventStartsNothing",
    "CREATE_TAG, harbor.tag.created, UnknownEvent"
  })
  void every_type_is_taken_in_both_formats(String type, String cloudEventsType, String words)
      throws IOException {
    String data =
        "{\"resources\":[{\"digest\":\"%s\",\"tag\":\"v1\"}],\"repository\":%s}"
            .formatted(Samples.digest(1), "{\"repo_full_name\":\"shop/api/web\"}");
    List<String> bodies =
        List.of(
            "{\"type\":\"%s\",\"occur_at\":1777709463,\"operator\":\"ci\",\"event_data\":%s}"
                .formatted(type, data),
            """
            {"specversion":"1.0","id":"1d1f","source":"/projects/2/webhook/policies/15",
             "type":"%s","datacontenttype":"application/json","time":"2026-05-02T08:11:03Z",
             "data":%s,"requestid":"","operator":"ci"}
            """
                .formatted(cloudEventsType, data));
    for (String body : bodies) {
      Seen seen = post(PATH, SECRET, body);
      assertThat(seen.code()).isEqualTo(202);
      assertThat(seen.body()).contains(words);
    }
    assertThat(store.stored).as("both are one event").hasSize(words.equals("executions") ? 1 : 0);
  }

  @Test
  void an_event_in_binary_mode_is_taken() throws IOException {
    String body =
        "{\"resources\":[{\"digest\":\"%s\",\"tag\":\"v1\"}],\"repository\":{\"repo_full_name\":\"shop/api/web\"}}"
            .formatted(Samples.digest(1));
    Request.Builder request =
        new Request.Builder()
            .url(url(PATH))
            .header("Authorization", SECRET)
            .header("ce-specversion", "1.0")
            .header("ce-id", "1d1f")
            .header("ce-source", "/projects/2/webhook/policies/15")
            .post(RequestBody.create(body, MediaType.get("application/json; charset=utf-8")));
    Seen without = send(request.build());
    assertThat(without.code()).isEqualTo(400);
    assertThat(without.body()).contains("the header ce-type is missing");
    assertThat(send(request.header("ce-type", "harbor.artifact.pushed").build()).code())
        .isEqualTo(202);
    assertThat(store.tags()).containsExactly("v1");
  }

  @Test
  void until_all_is_known_nobody_is_told_that_an_event_concerns_nobody() throws IOException {
    ready = false;
    for (String authorization : List.of(SECRET, "Bearer wrong")) {
      Seen seen = post(PATH, authorization, Fixtures.text("push-cloudevents"));
      assertThat(seen.code()).isEqualTo(503);
      assertThat(seen.retryAfter()).isEqualTo("5");
    }
    ready = true;
    assertThat(post(PATH, SECRET, Fixtures.text("push-cloudevents")).code()).isEqualTo(202);
  }

  @Test
  void a_missing_and_a_wrong_authorization_get_the_same_answer() throws IOException {
    Seen missing = post(PATH, null, "{}");
    assertThat(missing.code()).isEqualTo(401);
    for (String wrong : List.of("", "Bearer wrong", SECRET + "x", SECRET.substring(1))) {
      assertThat(post(PATH, wrong, "{}")).isEqualTo(missing);
    }
    assertThat(heard).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"/hooks/team/nowhere", "/hooks/nowhere/main", "/hooks/team/closed"})
  void nobody_can_find_out_which_registries_there_are(String path) throws IOException {
    Seen wrong = post(PATH, "Bearer wrong", "{}");
    assertThat(post(path, "Bearer wrong", "{}")).isEqualTo(wrong);
    assertThat(post(path, SECRET, "{}")).isEqualTo(wrong);
    assertThat(post(path, null, "{}")).isEqualTo(wrong);
  }

  @Test
  void an_event_that_the_api_refuses_is_told_so_and_its_neighbours_are_stored() throws Exception {
    store.refusedTag = "v1";
    List<Seen> seen = together(List.of(() -> push("v1"), () -> push("v2"), () -> push("v3")));
    assertThat(seen).extracting(Seen::code).containsExactly(422, 202, 202);
    assertThat(seen.getFirst().body()).contains("the event cannot be stored: refused");
    assertThat(count("preheat.events.unstored", "cause", "refused")).isEqualTo(1);
    assertThat(store.tags()).containsExactly("v2", "v3");
  }

  @Test
  void an_event_that_costs_too_much_is_stored_for_all_who_could_be_asked_and_not_acknowledged()
      throws IOException {
    Seen seen =
        post(PATH, SECRET, Samples.push("shop/" + "a".repeat(255), "v1", Samples.digest(1)));
    assertThat(seen.code()).isEqualTo(422);
    assertThat(seen.body())
        .contains(
            "policies were not asked", "write fewer, shorter or simpler ones", "team/costly-");
    assertThat(count("preheat.events.unstored", "cause", "too-costly")).isEqualTo(1);
    assertThat(store.tags()).containsExactly("v1");
  }

  private static PreheatPolicy costly(String name) {
    return Samples.repositories(
        name, Collections.nCopies(64, "*aaaaaaa".repeat(31) + "*aaaa[b]"), EventTrigger.PUSHED);
  }

  @Test
  void the_expected_authorization_does_not_show_itself() {
    ExpectedAuthorization expected = new ExpectedAuthorization(SECRET);
    assertThat(new WebhookCredential.Open(expected).toString()).doesNotContain(SECRET);
    assertThat(new ExpectedAuthorization("").matches(null)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/, 404",
    "/hooks/team, 404",
    "/hooks/team/main/more, 404",
    "/hooks//main, 404",
    "/hooks/team/broken, 503"
  })
  void paths_without_an_open_hook_say_so(String path, int code) throws IOException {
    Seen seen = post(path, SECRET, "{}");
    assertThat(seen.code()).isEqualTo(code);
    assertThat(seen.body()).startsWith("{\"error\":");
    assertThat(seen.retryAfter()).isEqualTo(code == 503 ? "5" : null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE"})
  void only_post_is_served(String method) throws IOException {
    Request.Builder request = new Request.Builder().url(url(PATH)).header("Authorization", SECRET);
    RequestBody body = method.equals("PUT") ? RequestBody.create("{}", null) : null;
    Seen seen = send(request.method(method, body).build());
    assertThat(seen.code()).isEqualTo(405);
    assertThat(seen.allow()).isEqualTo("POST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "[1]", "{}", "{\"type\":\"PUSH_ARTIFACT\"}"})
  void what_is_no_event_is_a_bad_request(String body) throws IOException {
    assertThat(post(PATH, SECRET, body).code()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_body_that_is_too_long_is_told_so_with_and_without_its_length(boolean chunked)
      throws Exception {
    byte[] body = new byte[10_000_000];
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url(PATH)))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Authorization", SECRET)
            .POST(
                chunked
                    ? HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try (HttpClient sender = HttpClient.newHttpClient()) {
      assertThat(sender.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(413);
    }
  }

  @Test
  void what_cannot_be_stored_is_not_acknowledged_and_its_redelivery_is() throws IOException {
    store.fault = Fault.DOWN;
    Seen seen = push("v1");
    assertThat(seen.code()).isEqualTo(503);
    assertThat(seen.retryAfter()).isEqualTo("5");
    assertThat(store.stored).isEmpty();
    store.fault = Fault.NONE;
    assertThat(push("v1").code()).isEqualTo(202);
    assertThat(push("v1").code()).isEqualTo(202);
    assertThat(store.tags()).containsExactly("v1");
  }

  @Test
  void two_hundred_events_at_once_are_a_few_objects() throws Exception {
    List<Seen> seen =
        together(
            IntStream.range(0, 200).<Callable<Seen>>mapToObj(i -> () -> push("v" + i)).toList());
    assertThat(seen).allSatisfy(one -> assertThat(one.code()).isEqualTo(202));
    assertThat(store.tags()).hasSize(200).doesNotHaveDuplicates();
    assertThat(store.stored).hasSizeLessThan(60);
  }

  @Test
  void stopping_lets_what_is_under_way_finish() throws Exception {
    store.gate = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Seen> underWay = threads.submit(() -> push("v1"));
      while (store.creates.get() == 0) {
        Thread.sleep(5);
      }
      Future<?> closing = threads.submit(server::close);
      Thread.sleep(50);
      store.gate.countDown();
      assertThat(underWay.get().code()).isEqualTo(202);
      closing.get();
    }
  }

  @Test
  void no_mutation_of_a_body_is_an_error_of_the_server() throws IOException {
    long seed = 42;
    Random random = new Random(seed);
    for (String fixture : Fixtures.names()) {
      byte[] good = Fixtures.body(fixture);
      for (int i = 0; i < 20; i++) {
        byte[] body = Fixtures.mutated(good, random);
        Request request =
            new Request.Builder()
                .url(url(PATH))
                .header("Authorization", SECRET)
                .post(RequestBody.create(body))
                .build();
        assertThat(send(request).code())
            .as("%s, seed %d: %s", fixture, seed, new String(body, StandardCharsets.UTF_8))
            .isIn(202, 400);
      }
    }
  }

  private Seen push(String tag) throws IOException {
    return post(PATH, SECRET, Samples.push("shop/api/web", tag, Samples.digest(tag.hashCode())));
  }

  private Seen post(String path, @Nullable String authorization, String body) throws IOException {
    Request.Builder request =
        new Request.Builder()
            .url(url(path))
            .post(RequestBody.create(body, MediaType.get("application/cloudevents+json")));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return send(request.build());
  }

  private Seen send(Request request) throws IOException {
    try (Response response = client.newCall(request).execute()) {
      return new Seen(
          response.code(),
          response.body().string(),
          response.header("Retry-After"),
          response.header("Allow"));
    }
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private double count(String name, String tag, String value) {
    return Objects.requireNonNull(meters.find(name).tag(tag, value).counter()).count();
  }

  private static List<Seen> together(List<Callable<Seen>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> all = threads.invokeAll(calls);
      java.util.ArrayList<Seen> seen = new java.util.ArrayList<>();
      for (Future<Seen> one : all) {
        seen.add(one.get());
      }
      return seen;
    }
  }
}
