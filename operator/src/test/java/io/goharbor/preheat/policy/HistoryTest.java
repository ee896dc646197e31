package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.execution.ExecutionSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final String TASK = "summary: {tasks: 1}\n";
  private static final String POLICY_UID = "policy-uid";

  private final List<PreheatExecution> executions = new ArrayList<>();

  @Test
  void the_newest_of_each_outcome_are_kept() {
    for (int minute = 10; minute < 15; minute++) {
      add("good-" + minute, minute, "phase: Succeeded\n" + TASK);
      add("bad-" + minute, minute, "phase: Failed\n" + TASK);
      add("half-" + minute, minute, "phase: PartiallySucceeded\n" + TASK);
      add("running-" + minute, minute, "phase: Running\n" + TASK);
    }
    assertThat(surplus("successfulExecutionsHistoryLimit: 2\nfailedExecutionsHistoryLimit: 4"))
        .containsExactlyInAnyOrder(
            "good-10", "good-11", "good-12", "bad-10", "half-10", "bad-11", "half-11", "bad-12",
            "half-12");
  }

  @Test
  void runs_that_selected_nothing_push_out_no_other() {
    add("good", 10, "phase: Succeeded\n" + TASK);
    for (int minute = 11; minute < 31; minute++) {
      add("nothing-" + minute, minute, "phase: Succeeded");
    }
    assertThat(surplus("{}")).hasSize(17).doesNotContain("good", "nothing-30", "nothing-28");
    assertThat(surplus("successfulExecutionsHistoryLimit: 0")).hasSize(21);
  }

  @Test
  void a_large_run_counts_by_its_parts() {
    add("large", 10, "phase: Succeeded\nsummary: {tasks: 50000}\nparts: {total: 3}");
    for (int minute = 11; minute < 31; minute++) {
      add("nothing-" + minute, minute, "phase: Succeeded");
    }
    assertThat(surplus("{}")).doesNotContain("large");
  }

  @Test
  void what_a_person_created_is_not_the_policys_to_delete() {
    for (int minute = 10; minute < 20; minute++) {
      add("by-hand-" + minute, minute, "phase: Succeeded\n" + TASK, "other-uid");
      add("own-" + minute, minute, "phase: Succeeded\n" + TASK);
    }
    assertThat(surplus("successfulExecutionsHistoryLimit: 8"))
        .containsExactlyInAnyOrder("own-10", "own-11");
  }

  @Test
  void what_events_caused_stays_until_the_sweep_has_seen_it() {
    for (int minute = 10; minute < 30; minute++) {
      add("event-" + minute, minute, "phase: Succeeded\n" + TASK);
      executions.getLast().setSpec(spec(Trigger.EVENT));
      add("schedule-" + minute, minute, "phase: Succeeded\n" + TASK);
      executions.getLast().setSpec(spec(Trigger.SCHEDULE));
    }
    Instant swept = Instant.parse("2026-05-02T08:20:00Z");
    assertThat(History.seenBySweep(outlines(), swept))
        .extracting(execution -> execution.key().name())
        .contains("event-10", "event-20", "schedule-29")
        .doesNotContain("event-21", "event-29");
  }

  @Test
  void the_sweep_is_not_waited_for_without_end() {
    for (int i = 0; i < 1100; i++) {
      add("event-" + i, 30, "phase: Succeeded\n" + TASK);
      executions.getLast().setSpec(spec(Trigger.EVENT));
    }
    assertThat(History.seenBySweep(outlines(), Instant.MIN)).hasSize(100);
  }

  @Test
  void until_when_was_swept_is_what_both_clocks_agree_on() {
    Instant now = Instant.parse("2026-05-02T08:00:00Z");
    assertThat(History.swept(null, now)).isEqualTo(now.minus(Duration.ofDays(1)));
    assertThat(History.swept(swept("catchUp: {lastTime: '2026-05-02T07:50:00Z'}"), now))
        .as("not all was checked yet")
        .isEqualTo(now.minus(Duration.ofDays(1)));
    assertThat(
            History.swept(
                swept(
                    "catchUp: {lastTime: '2026-05-02T07:50:00Z',"
                        + " changes: {seenUntil: '2026-05-02T07:40:00Z'}}"),
                now))
        .isEqualTo(Instant.parse("2026-05-02T07:37:00Z"));
    assertThat(
            History.swept(
                swept(
                    "catchUp: {lastTime: '2026-05-02T07:50:00Z',"
                        + " changes: {seenUntil: '2026-05-02T09:40:00Z'}}"),
                now))
        .as("Harbor's clock is ahead")
        .isEqualTo(Instant.parse("2026-05-02T07:47:00Z"));
  }

  private static HarborRegistryStatus swept(String status) {
    return Serialization.unmarshal(status, HarborRegistryStatus.class);
  }

  private static PreheatExecutionSpec spec(Trigger trigger) {
    return PreheatExecutionSpec.ofPolicy("p", null, trigger);
  }

  private List<String> surplus(String spec) {
    Collections.shuffle(executions, new Random(1));
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName("p").withUid(POLICY_UID).build());
    policy.setSpec(Serialization.unmarshal(spec, PreheatPolicySpec.class));
    return History.surplus(policy, outlines()).stream()
        .map(execution -> execution.key().name())
        .toList();
  }

  private List<ExecutionSummary> outlines() {
    return executions.stream().map(ExecutionSummary::of).toList();
  }

  private void add(String name, int minute, String status) {
    add(name, minute, status, POLICY_UID);
  }

  private void add(String name, int minute, String status, String owner) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder()
            .withName(name)
            .withCreationTimestamp("2026-05-02T08:" + minute + ":00Z")
            .addNewOwnerReference()
            .withUid(owner)
            .endOwnerReference()
            .build());
    execution.setStatus(Serialization.unmarshal(status, PreheatExecutionStatus.class));
    executions.add(execution);
  }
}
