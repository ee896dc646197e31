package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.plan.EventTime;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionMetricsTest {
  private static final String SUMMARY =
      """
      summary: {artifacts: %d, tasks: 0, succeeded: 0, unverified: 0, failed: 0, cancelled: 0,
        running: 0, waiting: 0, skipped: 0, missing: 0, bytes: 0, warmPercent: 0}
      """;
  private static final String SKIPPED =
      "skipped: [{reason: NotSigned, count: 3}, {reason: LabelMissing, count: 40}]\n";

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ExecutionMetrics metrics = new ExecutionMetrics(registry);

  @Test
  void a_plan_counts_what_it_selected_and_left_out_by_reason() {
    metrics.planned(execution("suspend: false"), status(SUMMARY.formatted(7) + SKIPPED));
    metrics.planned(execution("dryRun: true"), status(SUMMARY.formatted(2) + SKIPPED));
    metrics.planned(execution("suspend: false"), status(SUMMARY.formatted(1)));
    assertThat(counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "selected dry_run=false", 8.0,
                "selected dry_run=true", 2.0,
                "skipped dry_run=false reason=NotSigned", 3.0,
                "skipped dry_run=false reason=LabelMissing", 40.0,
                "skipped dry_run=true reason=NotSigned", 3.0,
                "skipped dry_run=true reason=LabelMissing", 40.0));
  }

  @Test
  void a_run_that_was_split_and_its_parts_count_nothing_twice() {
    // A part that is far already has told its whole what it left out.
    metrics.planned(
        execution("suspend: false"),
        status(
            SUMMARY.formatted(500)
                + SKIPPED
                + "parts: {complete: true, total: 2, finished: 1, artifacts: 500, missing: 0,"
                + " skipped: [{reason: LabelMissing, count: 40}]}"));
    metrics.planned(
        execution("partOf: {name: whole, number: 1}"),
        status(SUMMARY.formatted(250) + "skipped: [{reason: PlatformNotFound, count: 3}]"));
    assertThat(counts())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "selected dry_run=false", 500.0,
                "skipped dry_run=false reason=LabelMissing", 40.0,
                "skipped dry_run=false reason=PlatformNotFound", 3.0));
  }

  @Test
  void a_task_that_became_warm_tells_how_long_after_the_event_and_how_much() {
    PreheatExecution execution = execution("suspend: false");
    EventTime.put(execution, NOW.minusSeconds(42));
    List<TaskStatus> before = List.of(task("a", "Running", "", 0), task("b", "Succeeded", "", 100));
    List<TaskStatus> after =
        List.of(
            task("a", "Succeeded", "Warm", 100),
            task("b", "Succeeded", "", 100),
            task("c", "Failed", "NotWarm", 40),
            task("d", "Unverified", "Unverified", 0),
            task("e", "Failed", "JobFailed", 0));
    metrics.tasksEnded(execution, Operation.PREHEAT, TaskCycle.ended(before, after), NOW);
    Timer warm = registry.get("preheat.push.to.warm").tag("provider", "default/eu").timer();
    assertThat(warm.count()).isOne();
    assertThat(warm.totalTime(TimeUnit.SECONDS)).isEqualTo(42);
    assertThat(registry.get("preheat.warmed").counter().count()).isEqualTo(1000);
    assertThat(verified("warm")).isOne();
    assertThat(verified("not_warm")).isOne();
    assertThat(verified("unknown")).isOne();
    assertThat(registry.get("preheat.task.warm.ratio").summary().totalAmount()).isEqualTo(1.4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:00:00Z", "5138-11-16T09:46:39Z"})
  void an_event_that_claims_a_time_which_cannot_be_has_none(Instant claimed) {
    PreheatExecution execution = execution("suspend: false");
    execution.getMetadata().setCreationTimestamp(NOW.minusSeconds(60).toString());
    EventTime.put(execution, claimed);
    metrics.tasksEnded(
        execution, Operation.PREHEAT, List.of(task("a", "Succeeded", "Warm", 100)), NOW);
    assertThat(registry.find("preheat.push.to.warm").timer()).isNull();
  }

  @Test
  void an_eviction_is_no_verification_and_no_event_has_no_time() {
    metrics.tasksEnded(
        execution("suspend: false"),
        Operation.EVICT,
        List.of(task("a", "Succeeded", "Evicted", 0)),
        NOW);
    metrics.tasksEnded(
        execution("suspend: false"),
        Operation.PREHEAT,
        List.of(task("a", "Succeeded", "Warm", 100)),
        NOW);
    assertThat(verified("warm")).isOne();
    assertThat(registry.find("preheat.push.to.warm").timer()).isNull();
  }

  private double verified(String result) {
    return registry.get("preheat.verifications").tag("result", result).counter().count();
  }

  private static TaskStatus task(String id, String state, String reason, int percent) {
    return Serialization.unmarshal(
        """
        id: %s
        artifact: a
        repository: r
        digest: d
        provider: default/eu
        state: %s
        attempts: 1
        bytes: 1000
        warmPercent: %d
        %s
        """
            .formatted(id, state, percent, reason.isEmpty() ? "" : "reason: " + reason),
        TaskStatus.class);
  }

  private Map<String, Double> counts() {
    Map<String, Double> counts = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      String name = meter.getId().getName();
      if (name.startsWith("preheat.artifacts.")) {
        StringBuilder key = new StringBuilder(name.substring("preheat.artifacts.".length()));
        meter
            .getId()
            .getTags()
            .forEach(
                tag -> key.append(' ').append(tag.getKey()).append('=').append(tag.getValue()));
        counts.put(key.toString(), meter.measure().iterator().next().getValue());
      }
    }
    return counts;
  }

  private static PreheatExecution execution(String spec) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(new ObjectMetaBuilder().withName("run").build());
    execution.setSpec(Serialization.unmarshal(spec, PreheatExecutionSpec.class));
    return execution;
  }

  private static PreheatExecutionStatus status(String yaml) {
    return Serialization.unmarshal(yaml, PreheatExecutionStatus.class);
  }
}
