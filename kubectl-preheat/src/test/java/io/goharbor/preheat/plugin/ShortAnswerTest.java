package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShortAnswerTest {
  private static final Instant NOW = Instant.parse("2026-11-01T10:05:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "state: Succeeded, warmPercent: 100, reason: Warm | Warm on n/d since 5m.",
        "state: Unverified, reason: Unverified | Sent to n/d 5m ago, which cannot be asked whether its peers hold it.",
        "state: Running, warmPercent: 40 | Being preheated on n/d (40%) since 5m.",
        "state: Waiting, reason: WaitingForSlot, message: 32 run | Waits for n/d: WaitingForSlot, 32 run.",
        "state: Failed, reason: JobFailed, message: no space. | Failed on n/d: JobFailed, no space.",
        "state: Cancelled, reason: Cancelled | Cancelled on n/d: the run was called off.",
      })
  void the_newest_task_answers(String task, String answer) throws PluginFailure {
    Evidence evidence =
        evidence(run("old", 1, task("state: Failed, reason: Rejected")), run("new", 2, task(task)));

    assertThat(ShortAnswer.of(evidence, List.of(), List.of(), NOW)).isEqualTo(answer);
    assertThat(evidence.tasks()).hasSize(2);
  }

  @Test
  void an_eviction_is_not_warmth() throws PluginFailure {
    PreheatExecution evicted =
        run("e", 1, "spec: {operation: Evict}\n" + task("state: Succeeded, reason: Evicted"));

    assertThat(ShortAnswer.of(evidence(evicted), List.of(), List.of(), NOW))
        .isEqualTo("Taken out of the caches of n/d since 5m.");
  }

  @Test
  void a_part_that_ended_keeps_no_task_of_what_succeeded() throws PluginFailure {
    PreheatExecution part =
        run(
            "big-7",
            1,
            "spec: {partOf: {name: big, number: 7}, artifacts: [{repository: shop/web, tag: '1'}]}\n"
                + "status: {phase: Succeeded, settings: {harborRef: main}}");

    assertThat(ShortAnswer.of(evidence(part), List.of(), List.of(), NOW))
        .isEqualTo("It was in big-7, a part of a large run, and did not fail there.");
  }

  @Test
  void runs_on_another_registry_had_something_else() throws PluginFailure {
    Evidence other =
        new Evidence(
            Wanted.parse("shop/web:1"),
            Set.of("second"),
            List.of(run("r", 1, task("state: Succeeded"))));

    assertThat(other.tasks()).isEmpty();
    assertThat(ShortAnswer.of(other, List.of(), List.of(), NOW))
        .isEqualTo("There is no policy, and no run has had it.");
  }

  private static Evidence evidence(PreheatExecution... runs) throws PluginFailure {
    return new Evidence(Wanted.parse("shop/web:1"), Set.of("main"), List.of(runs));
  }

  private static String task(String fields) {
    return "status: {phase: Running, settings: {harborRef: main}, tasks: [{id: a, artifact:"
        + " 'shop/web:1', repository: shop/web, digest: 'sha256:1', provider: n/d, attempts: 1,"
        + " completionTime: '2026-11-01T10:00:00Z', "
        + fields
        + "}]}";
  }

  private static PreheatExecution run(String name, int hour, String rest) {
    return Serialization.unmarshal(
        "apiVersion: preheat.goharbor.io/v1alpha1\nkind: PreheatExecution\nmetadata: {name: "
            + name
            + ", creationTimestamp: '2026-11-01T0"
            + hour
            + ":00:00Z'}\n"
            + (rest.startsWith("spec") ? "" : "spec: {}\n")
            + rest,
        PreheatExecution.class);
  }
}
