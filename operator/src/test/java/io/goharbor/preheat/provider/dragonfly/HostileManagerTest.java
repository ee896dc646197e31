package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Allocated;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HostileServer;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Health;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A Manager that wants to harm whoever asks it, and one that only has much to tell. */
class HostileManagerTest {
  // Half the memory for answers, and what is garbage as soon as it was made.
  private static final long LARGEST = 80L << 20;

  interface Call {
    void on(DragonflyManager manager) throws RemoteCallException;
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        Arguments.of("jobs", (Call) manager -> manager.jobs(1, 50)),
        Arguments.of("job", (Call) manager -> manager.job(7)),
        Arguments.of("may use jobs", (Call) DragonflyManager::mayUseJobs),
        Arguments.of("clusters", (Call) DragonflyManager::schedulerClusters));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void a_packed_answer_of_many_small_values_takes_a_bounded_memory(String name, Call call)
      throws Exception {
    boolean list = !name.equals("job");
    byte[] bomb =
        HostileServer.bomb(
            (list ? "[" : "") + "{\"result\":{\"job_states\":[{\"results\":[{\"success_tasks\":[",
            "{},",
            32 * 1024 * 1024 / 3,
            "{}]}]}]}}" + (list ? "]" : ""));
    try (HostileServer server = new HostileServer(HostileServer.packed(bomb))) {
      DragonflyManager manager = manager(server, Duration.ofSeconds(5));
      failure(manager, call);
      long taken = Allocated.by(() -> failure(manager, call));
      assertThat(taken).isLessThan(LARGEST);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void an_answer_of_many_small_values_that_packs_badly_takes_a_bounded_memory(
      String name, Call call) throws Exception {
    boolean list = !name.equals("job");
    String head =
        (list ? "[" : "") + "{\"result\":{\"job_states\":[{\"results\":[{\"success_tasks\":[";
    byte[] items = "{\"ip\":\"10.0.0.1\"},{},".repeat(512).getBytes(StandardCharsets.UTF_8);
    try (HostileServer server =
        new HostileServer((target, out) -> {
          out.write(HostileServer.head(200));
          out.write(head.getBytes(StandardCharsets.UTF_8));
          while (true) {
            out.write(items);
          }
        })) {
      DragonflyManager manager = manager(server, Duration.ofSeconds(20));
      failure(manager, call);
      long taken = Allocated.by(() -> failure(manager, call));
      assertThat(taken).isLessThan(LARGEST);
    }
  }

  @Test
  void the_result_of_a_job_on_thousands_of_peers_is_read() throws Exception {
    StringBuilder json = new StringBuilder("{\"id\":7,\"state\":\"SUCCESS\",\"result\":");
    json.append("{\"job_states\":[{\"results\":[{\"success_tasks\":[");
    int peers = 4_000;
    int blobs = 20;
    for (int peer = 0; peer < peers; peer++) {
      for (int blob = 0; blob < blobs; blob++) {
        json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
            .append("{\"url\":\"https://harbor.example.com/v2/shop/web/blobs/sha256:")
            .append(Integer.toString(blob + 100).repeat(21), 0, 63)
            .append("\",\"hostname\":\"node-")
            .append(peer)
            .append(".cluster.example.com\",\"ip\":\"10.0.")
            .append(peer / 250)
            .append('.')
            .append(peer % 250)
            .append("\"}");
      }
    }
    json.append("]}]}]}}");
    assertThat(json.length()).isGreaterThan(12 << 20);
    try (HostileServer server = new HostileServer(HostileServer.json(json.toString()))) {
      Job job = manager(server, Duration.ofSeconds(60)).job(7).rows().getFirst();
      assertThat(TaskJobs.results(job).flatMap(result -> result.successes().stream()).count())
          .isEqualTo((long) peers * blobs);
    }
  }

  @Test
  void jobs_that_never_end_are_noticed() throws Exception {
    String page =
        "["
            + "{\"id\":1,\"bio\":\"x\",\"created_at\":\"2999-01-01T00:00:00Z\"},".repeat(49)
            + "{\"id\":1,\"created_at\":\"2999-01-01T00:00:00Z\"}]";
    try (HostileServer server = new HostileServer(HostileServer.json(page))) {
      RemoteCallException failure =
          catchThrowableOfType(
              RemoteCallException.class,
              () ->
                  new JobSearch(manager(server, Duration.ofSeconds(5)), Clock.systemUTC())
                      .find(Set.of("key")));
      assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      assertThat(failure.describe()).contains("each page of its jobs with the same jobs");
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void clusters_that_never_end_are_given_up() throws Exception {
    AtomicInteger id = new AtomicInteger();
    try (HostileServer server =
        new HostileServer((target, out) -> {
          StringBuilder page = new StringBuilder("[");
          for (int i = 0; i < 50; i++) {
            page.append(i == 0 ? "" : ",")
                .append("{\"scheduler_cluster_id\":")
                .append(id.incrementAndGet())
                .append('}');
          }
          HostileServer.json(page.append(']').toString()).answer(target, out);
        })) {
      assertThat(
              failure(manager(server, Duration.ofSeconds(9)), DragonflyManager::schedulerClusters)
                  .describe())
          .contains("more than 1000 clusters");
      assertThat(server.requests()).isEqualTo(20);
    }
  }

  @Test
  void a_probe_of_a_manager_that_drips_ends_in_time() {
    try (HostileServer server = new HostileServer(HostileServer.drip("[", 50))) {
      Instant start = Instant.now();
      Optional<Health.Unusable> trouble =
          new ManagerProbe(manager(server, Duration.ofMillis(500)), List.of(1)).trouble();
      assertThat(trouble)
          .hasValueSatisfying(
              unusable -> assertThat(unusable.reason()).isEqualTo(Reason.UNREACHABLE));
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }
  }

  private static DragonflyManager manager(HostileServer server, Duration timeout) {
    RemoteSystem system =
        new HttpClients()
            .open(
                "Dragonfly Manager a/b",
                ConnectionSettings.of(
                        server.url(), new Credential.None(), TlsSettings.SYSTEM, 1_000_000)
                    .withReadTimeout(timeout));
    return new DragonflyManager(system, system, system);
  }

  private static RemoteCallException failure(DragonflyManager manager, Call call) {
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, () -> call.on(manager));
    assertThat(failure).isNotNull();
    assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
    return failure;
  }
}
