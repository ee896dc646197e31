package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Calls to servers that are slow, endless or many: what they take of the operator is bounded. */
class CallBoundsTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final AnswerLimit PAGE = AnswerLimit.PAGE.taking(LONG);

  @Test
  void a_server_that_drips_ends_with_the_time_of_the_call() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.drip("{", 20))) {
      long start = System.nanoTime();
      RemoteCallException failure =
          failure(system(new HttpClients(), "a", server), AnswerLimit.PROBE.within(ms(500)));
      assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(failure.failureClass()).isEqualTo(FailureClass.RETRY);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }
  }

  @Test
  void a_head_without_end_ends_with_the_time_of_the_call() throws Exception {
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
          while (true) {
            out.write("X".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            Thread.sleep(20);
          }
        })) {
      assertThat(failure(system(new HttpClients(), "a", server), AnswerLimit.PROBE.within(ms(300))))
          .extracting(RemoteCallException::reason)
          .isEqualTo(Reason.UNREACHABLE);
    }
  }

  @Test
  void what_is_no_gzip_and_what_was_not_asked_for_is_refused() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.packed(new byte[] {1, 2, 3}))) {
      assertThat(failure(system(new HttpClients(), "a", server), AnswerLimit.PROBE).describe())
          .contains("not the gzip");
    }
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200, "Content-Encoding: br"));
          out.write(1);
        })) {
      assertThat(failure(system(new HttpClients(), "a", server), AnswerLimit.PROBE).describe())
          .contains("packed in a way that was not asked for");
    }
  }

  @Test
  void an_error_without_end_is_cut_off_and_told() throws Exception {
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(500));
          while (true) {
            out.write("no ".repeat(1000).getBytes(StandardCharsets.US_ASCII));
          }
        })) {
      RemoteSystem system = system(new HttpClients(), "a", server);
      assertThat(failure(system, AnswerLimit.PROBE).status()).isEqualTo(500);
      long taken = Allocated.by(() -> failure(system, AnswerLimit.PROBE));
      assertThat(taken).isLessThan(2L << 20);
    }
  }

  @Test
  void a_namespace_has_so_many_calls_at_the_same_time_and_others_have_theirs() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    HttpClients clients = clients(new CallSlots(3, 100), new AnswerBudget(32L << 20));
    try (HostileServer server = holding(go);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RemoteSystem slow = system(clients, "a", server);
        running.add(threads.submit(() -> slow.getJson(slow.base(), AnswerLimit.OBJECT)));
      }
      await().atMost(LONG).until(() -> server.open() == 3);

      RemoteCallException held =
          failure(system(clients, "a", server), AnswerLimit.PROBE.within(ms(200)));
      assertThat(held.failureClass()).isEqualTo(FailureClass.WAIT);
      assertThat(held.reason()).isEqualTo(Reason.LIMIT_REACHED);
      assertThat(held.mayHaveArrived()).isFalse();
      assertThat(held.describe()).contains("namespace a", "3 calls", "http.callsPerNamespace");

      Future<?> other =
          threads.submit(() -> {
            RemoteSystem theirs = system(clients, "b", server);
            return theirs.getJson(theirs.base(), AnswerLimit.OBJECT);
          });
      await().atMost(LONG).until(() -> server.open() == 4);
      go.countDown();
      running.add(other);
      for (Future<?> each : running) {
        assertThat(each.get()).isNotNull();
      }
      assertThat(server.mostAtOnce()).isEqualTo(4);
      // All places were given back.
      RemoteSystem again = system(clients, "a", server);
      for (int i = 0; i < 10; i++) {
        assertThat(again.getJson(again.base(), AnswerLimit.OBJECT)).isNotNull();
      }
    }
  }

  @Test
  void a_host_has_so_many_calls_at_the_same_time() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    HttpClients clients = clients(new CallSlots(100, 2), new AnswerBudget(32L << 20));
    try (HostileServer server = holding(go);
        HostileServer well = new HostileServer(HostileServer.json("{}"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (String namespace : List.of("a", "b", "c", "d")) {
        RemoteSystem slow = system(clients, namespace, server);
        running.add(
            threads.submit(() -> slow.getJson(slow.base(), AnswerLimit.OBJECT.taking(LONG))));
      }
      await().atMost(LONG).until(() -> server.open() == 2);

      RemoteCallException held =
          failure(system(clients, "e", server), AnswerLimit.PROBE.within(ms(200)));
      assertThat(held.describe())
          .contains("127.0.0.1:", "2 calls", "http.callsPerHost")
          .doesNotContain("namespace");
      RemoteSystem elsewhere = system(clients, "a", well);
      assertThat(elsewhere.getJson(elsewhere.base(), AnswerLimit.OBJECT)).isNotNull();

      go.countDown();
      for (Future<?> each : running) {
        assertThat(each.get()).isNotNull();
      }
      assertThat(server.mostAtOnce()).isEqualTo(2);
    }
  }

  @Test
  void many_long_answers_at_once_share_the_memory_and_all_arrive() throws Exception {
    long memory = 8L << 20;
    AnswerBudget budget = new AnswerBudget(memory);
    HttpClients clients = clients(new CallSlots(64, 1000), budget);
    // As a list it takes about 3 MiB.
    String page = "[" + "{\"name\":\"n\",\"digest\":\"d\"},".repeat(7_000) + "{}]";
    try (HostileServer server = new HostileServer(HostileServer.json(page));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        RemoteSystem system = system(clients, "n" + i % 40, server);
        running.add(threads.submit(() -> read(system)));
      }
      long most = 0;
      while (!running.stream().allMatch(Future::isDone)) {
        most = Math.max(most, budget.taken());
        Thread.sleep(1);
      }
      for (Future<Integer> each : running) {
        assertThat(each.get()).isEqualTo(7_001);
      }
      assertThat(most).isLessThanOrEqualTo(memory * 3 / 2);
      assertThat(budget.taken()).isZero();
    }
  }

  @Test
  void who_holds_memory_and_sends_no_more_does_not_stop_others() throws Exception {
    AnswerBudget budget = new AnswerBudget(8L << 20);
    HttpClients clients = clients(new CallSlots(64, 1000), budget);
    String page = "[" + "{\"name\":\"n\",\"digest\":\"d\"},".repeat(7_000) + "{}]";
    try (HostileServer hostile =
            new HostileServer(HostileServer.drip("[" + "{\"name\":\"n\"},".repeat(7_000), 1_000));
        HostileServer well = new HostileServer(HostileServer.json(page));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        RemoteSystem slow = system(clients, "evil" + i % 4, hostile);
        var _ = threads.submit(() -> read(slow));
      }
      await().atMost(LONG).until(() -> budget.taken() > 3L << 20);

      assertThat(read(system(clients, "victim", well))).isEqualTo(7_001);
      threads.shutdownNow();
    }
  }

  @Test
  void an_answer_that_gets_no_memory_in_time_waits_and_says_why() throws Exception {
    AnswerBudget budget = new AnswerBudget(2L << 20);
    HttpClients clients = clients(new CallSlots(64, 1000), budget);
    String page = "[" + "{\"name\":\"n\",\"digest\":\"d\"},".repeat(2_000) + "{}]";
    Deadline later = Deadline.in(LONG);
    try (HostileServer well = new HostileServer(HostileServer.json(page));
        AnswerBudget.Charge one = budget.open("a", "h1", later);
        AnswerBudget.Charge two = budget.open("b", "h2", later);
        AnswerBudget.Charge three = budget.open("c", "h3", later)) {
      one.add(1L << 20);
      two.add(1L << 20);
      three.add(1L << 20);
      RemoteCallException held =
          catchThrowableOfType(
              RemoteCallException.class,
              () -> {
                RemoteSystem system = system(clients, "d", well);
                var _ = system.getJson(system.base(), AnswerLimit.PAGE.within(ms(300)));
              });
      assertThat(held.failureClass()).isEqualTo(FailureClass.WAIT);
      assertThat(held.reason()).isEqualTo(Reason.LIMIT_REACHED);
      assertThat(held.describe()).contains("http.answerMemory");
    }
  }

  private static int read(RemoteSystem system) throws RemoteCallException {
    return system.read(
        new okhttp3.Request.Builder().url(system.base()).build(),
        PAGE,
        answer -> {
          int[] count = {0};
          assertThat(answer.items(item -> count[0]++)).isTrue();
          return count[0];
        });
  }

  private static HostileServer holding(CountDownLatch go) {
    return new HostileServer((target, out) -> {
      go.await();
      HostileServer.json("{}").answer(target, out);
    });
  }

  private static RemoteCallException failure(RemoteSystem system, AnswerLimit limit) {
    RemoteCallException failure =
        catchThrowableOfType(
            RemoteCallException.class,
            () -> {
              var _ = system.getJson(system.base(), limit);
            });
    assertThat(failure).isNotNull();
    return failure;
  }

  private static RemoteSystem system(HttpClients clients, String namespace, HostileServer server) {
    return clients
        .inNameOf(new RequestListener.Subject("registry", namespace + "/main"))
        .open(
            "Harbor " + namespace + "/main",
            ConnectionSettings.of(server.url(), new Credential.None(), TlsSettings.SYSTEM, 1000));
  }

  private static HttpClients clients(CallSlots places, AnswerBudget budget) {
    return new HttpClients(
        RequestListener.NONE, places, budget, new Redactor(InstantSource.system()), SendGate.OPEN);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
