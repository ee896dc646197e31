package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
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

  private List<String> surplus(String spec) {
    Collections.shuffle(executions, new Random(1));
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName("p").withUid(POLICY_UID).build());
    policy.setSpec(Serialization.unmarshal(spec, PreheatPolicySpec.class));
    return History.surplus(policy, executions).stream()
        .map(execution -> execution.getMetadata().getName())
        .toList();
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
