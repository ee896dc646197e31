package io.goharbor.preheat.e2e.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Slowness.Gate;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The webhook of an operator with a small heap, while the API server is slow to write. */
class SlowApiTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final EmbeddedKube KUBE = EmbeddedKube.start();
  private static final String WRITES = "POST preheatexecutions";
  private static final String LONG = "-".repeat(100);
  private static final int MAX_CONNECTIONS = 512;
  private static final String TURNED_AWAY = "preheat_events_unstored_total{cause=\"busy\",";
  private static final long MAX_WAITING = 4096;
  private static final double MAX_WAITING_BYTES = 32 * 1024 * 1024;
  private static final OkHttpClient CLIENT =
      new OkHttpClient.Builder()
          // The senders share the processors with the operator.
          .readTimeout(Duration.ofSeconds(30))
          .connectionPool(new ConnectionPool(300, 1, TimeUnit.MINUTES))
          .build();

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  private @Nullable Gate gate;

  /** An answer as the caller sees it. */
  private record Seen(int code, @Nullable String retryAfter) {}

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch, KUBE);
    world.operator().heap("160m");
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> post(push("probe", 0, 1)).code() == 202 && !stored("probe").isEmpty());
  }

  @AfterEach
  void quick() {
    KUBE.slowness().clear();
    if (gate != null) {
      gate.open(false);
    }
  }

  @AfterAll
  static void stop() {
    CLIENT.connectionPool().evictAll();
    world.close();
  }

  @Test
  void writes_that_take_long_hold_more_and_what_is_acknowledged_is_stored() throws Exception {
    KUBE.slowness().delay(WRITES, Duration.ofMillis(500));
    long before = created();
    List<String> unacknowledged =
        new ArrayList<>(IntStream.range(0, 200).mapToObj(i -> push("long", i, 1)).toList());
    for (int delivery = 0; delivery < 6 && !unacknowledged.isEmpty(); delivery++) {
      List<Seen> seen = together(unacknowledged);
      for (int i = seen.size() - 1; i >= 0; i--) {
        if (seen.get(i).code() == 202) {
          unacknowledged.remove(i);
        }
      }
    }
    assertThat(unacknowledged).isEmpty();
    assertThat(stored("long")).hasSize(200).doesNotHaveDuplicates();
    assertThat(created() - before).isLessThan(100);
  }

  /** Whether what was held is done in the end, too late to be told, or lost. */
  @ParameterizedTest(name = "done in the end: {0}")
  @ValueSource(booleans = {true, false})
  void while_nothing_can_be_written_no_event_is_acknowledged_and_little_is_kept(boolean done)
      throws Exception {
    String tag = done ? "done" : "lost";
    Gate held = KUBE.slowness().hold(WRITES);
    gate = held;
    List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger number = new AtomicInteger();
    double before = metric(TURNED_AWAY);
    double waiting = 0;
    double bytes = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean enough = new AtomicBoolean();
      List<Future<?>> senders = new ArrayList<>();
      for (int i = 0; i < 130; i++) {
        senders.add(
            threads.submit(() -> {
              while (!enough.get()) {
                seen.add(post(push(tag, number.getAndIncrement(), 500)));
                Thread.sleep(500);
              }
              return null;
            }));
      }
      // Until all that may be kept is kept: what comes then is turned away.
      Instant until = Instant.now().plusSeconds(60);
      boolean full;
      do {
        Thread.sleep(200);
        full = metric(TURNED_AWAY) > before;
        waiting = Math.max(waiting, metric("preheat_events_waiting "));
        bytes = Math.max(bytes, metric("preheat_events_waiting_bytes "));
      } while (!full && Instant.now().isBefore(until));
      enough.set(true);
      for (Future<?> sender : senders) {
        sender.get();
      }
    }
    assertThat(metric(TURNED_AWAY)).isGreaterThan(before);
    assertThat(seen)
        .hasSizeGreaterThanOrEqualTo(130)
        .allSatisfy(one -> {
          assertThat(one.code()).isEqualTo(503);
          assertThat(one.retryAfter()).isEqualTo("5");
        });
    assertThat(waiting).isBetween(1.0, (double) MAX_WAITING);
    assertThat(bytes).isBetween(1.0, MAX_WAITING_BYTES);
    assertThat(stored(tag)).isEmpty();

    KUBE.slowness().clear();
    held.open(done);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            post(push(tag, 0, 500)).code() == 202 && metric("preheat_events_waiting_bytes ") == 0);
    // Harbor sends again what was not acknowledged.
    List<Seen> again = together(IntStream.range(0, 10).mapToObj(i -> push(tag, i, 500)).toList());
    assertThat(again).allSatisfy(one -> assertThat(one.code()).isEqualTo(202));
    List<String> stored = stored(tag);
    assertThat(stored).doesNotHaveDuplicates();
    assertThat(stored)
        .containsAll(IntStream.range(0, 10).boxed().flatMap(i -> names(tag, i, 500)).toList());
    assertThat(world.operator().output()).doesNotContain("OutOfMemory");
  }

  @Test
  void strangers_who_hold_all_connections_give_way_and_are_cut_off() throws Exception {
    URI url = URI.create(world.operator().webhookUrl());
    List<Socket> strangers = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_CONNECTIONS + 100; i++) {
        Socket stranger = new Socket(url.getHost(), url.getPort());
        stranger.setSoTimeout(15_000);
        strangers.add(stranger);
        try {
          stranger.getOutputStream().write("POST /hooks/de".getBytes(StandardCharsets.US_ASCII));
        } catch (SocketException e) {
          // Cut off already.
        }
      }
      assertThat(post(push("meanwhile", 1, 1)).code()).isEqualTo(202);
      for (Socket stranger : strangers) {
        assertThat(ended(stranger)).isTrue();
      }
      assertThat(post(push("after", 1, 1)).code()).isEqualTo(202);
    } finally {
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
  }

  private static boolean ended(Socket stranger) throws IOException {
    try {
      return stranger.getInputStream().read() == -1;
    } catch (SocketException reset) {
      return true;
    }
  }

  private static long created() {
    return KUBE.requests().getOrDefault(WRITES, 0L);
  }

  private static List<String> stored(String tag) {
    return world.executions().stream()
        .map(execution -> execution.getSpec().artifacts())
        .filter(Objects::nonNull)
        .flatMap(List<ArtifactRef>::stream)
        .map(ref -> ref.tag() + "@" + ref.digest())
        .filter(name -> name.startsWith(tag + "-"))
        .toList();
  }

  /** What an event of so many artifacts is to be stored as. */
  private static Stream<String> names(String tag, int number, int artifacts) {
    return IntStream.range(0, artifacts)
        .mapToObj(i ->
            "%s-%d-%d%s@sha256:%064x"
                .formatted(tag, number, i, artifacts == 1 ? "" : LONG, number * 1000 + i));
  }

  private static String push(String tag, int number, int artifacts) {
    List<String> resources =
        names(tag, number, artifacts)
            .map(name -> name.split("@", 2))
            .map(parts -> "{\"digest\":\"%s\",\"tag\":\"%s\"}".formatted(parts[1], parts[0]))
            .toList();
    return """
    {"type":"PUSH_ARTIFACT","occur_at":1777709463,"operator":"ci","event_data":{
      "resources":[%s],"repository":{"repo_full_name":"shop/web"}}}
    """
        .formatted(String.join(",", resources));
  }

  private static List<Seen> together(List<String> bodies) throws Exception {
    List<Seen> seen = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> all = new ArrayList<>();
      for (String body : bodies) {
        all.add(threads.submit(() -> post(body)));
      }
      for (Future<Seen> one : all) {
        seen.add(one.get());
      }
    }
    return seen;
  }

  private static Seen post(String body) throws IOException {
    Request request =
        new Request.Builder()
            .url(world.operator().webhookUrl() + "/hooks/default/main")
            .header("Authorization", World.WEBHOOK_SECRET)
            .post(RequestBody.create(body, MediaType.get("application/json")))
            .build();
    try (Response response = CLIENT.newCall(request).execute()) {
      String retryAfter = response.header("Retry-After");
      var _ = response.body().string();
      return new Seen(response.code(), retryAfter);
    }
  }

  /** The sum of all series whose line begins so. */
  private static double metric(String begin) throws IOException {
    Request request =
        new Request.Builder().url(world.operator().managementUrl() + "/metrics").build();
    try (Response response = CLIENT.newCall(request).execute()) {
      Matcher lines =
          Pattern.compile("(?m)^" + Pattern.quote(begin) + "(?:.* )?(\\S+)$")
              .matcher(response.body().string());
      double sum = 0;
      while (lines.find()) {
        sum += Double.parseDouble(lines.group(1));
      }
      return sum;
    }
  }
}
