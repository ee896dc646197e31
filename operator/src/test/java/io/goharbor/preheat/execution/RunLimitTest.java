package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.execution.report.Report;
import io.goharbor.preheat.kube.ListedCache;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Wakeups;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunLimitTest {
  private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

  private final ListedCache<PreheatExecution> cache = new ListedCache<>();
  private final ResourceStore<PreheatExecution> executions = new ResourceStore<>();
  private final Wakeups wakeups = new Wakeups();
  private final List<ObjectKey> woken = new CopyOnWriteArrayList<>();
  private final RunLimit limit = new RunLimit(2, executions, wakeups);

  @BeforeEach
  void connect() {
    executions.connect(cache, Map.of(RunLimit.UNFINISHED, RunLimit::unfinished));
    wakeups.wakeExecutionsBy(woken::add);
  }

  @Test
  void the_oldest_unfinished_runs_are_worked_on() {
    put(run("ended", 0), Phase.SUCCEEDED);
    List<PreheatExecution> runs = List.of(run("a", 1), run("b", 2), run("c", 3));
    runs.forEach(run -> put(run, Phase.PENDING));

    assertThat(limit.beyond(runs.get(0))).isEmpty();
    assertThat(limit.beyond(runs.get(1))).isEmpty();
    assertThat(limit.beyond(runs.get(2)))
        .hasValue("namespace team has more than 2 unfinished executions, and older ones go first");
  }

  @Test
  void parts_count_with_their_whole() {
    put(run("a", 1), Phase.PLANNING);
    for (int i = 0; i < 10; i++) {
      PreheatExecution part = run("a-p" + i, 2);
      part.setSpec(
          Serialization.unmarshal(
              "partOf:\n  name: a\n  number: " + i, PreheatExecutionSpec.class));
      put(part, Phase.RUNNING);
    }
    PreheatExecution second = run("b", 3);
    put(second, Phase.PENDING);
    assertThat(limit.beyond(second)).isEmpty();
  }

  @Test
  void when_one_ends_the_next_is_woken() {
    PreheatExecution first = run("a", 1);
    put(first, Phase.RUNNING);
    put(run("b", 2), Phase.RUNNING);
    PreheatExecution third = run("c", 3);
    put(third, Phase.PENDING);
    PreheatExecution fourth = run("d", 4);
    put(fourth, Phase.PENDING);
    for (PreheatExecution held : List.of(third, fourth)) {
      assertThat(limit.beyond(held)).isPresent();
      held.setStatus(
          new Report(held, START)
              .held(Phase.PENDING, Reason.NAMESPACE_LIMIT, "beyond the limit", false));
    }
    assertThat(woken).isEmpty();

    put(first, Phase.SUCCEEDED);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          limit.ended("team");
          return woken.contains(ObjectKey.of(third));
        });
    assertThat(woken).doesNotContain(ObjectKey.of(fourth));
    assertThat(limit.beyond(third)).isEmpty();
    assertThat(limit.beyond(fourth)).isPresent();
  }

  private void put(PreheatExecution execution, Phase phase) {
    execution.setStatus(
        Serialization.unmarshal(
            "phase: " + phase, io.goharbor.preheat.api.PreheatExecutionStatus.class));
    cache.put(execution);
  }

  private static PreheatExecution run(String name, int second) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName(name)
            .withGeneration(1L)
            .withCreationTimestamp(START.plusSeconds(second).toString())
            .build());
    execution.setSpec(
        PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL));
    return execution;
  }
}
