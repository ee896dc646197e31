package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What tests do with executions and policies in the namespace default, as a person would. */
record Runs(World world) {
  /** Creates an execution from the YAML of its spec. */
  void create(String name, String spec) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    execution.setSpec(Serialization.unmarshal(spec, PreheatExecutionSpec.class));
    world.client().resource(execution).create();
  }

  /** Creates a policy from the YAML of its spec, and waits until it is in force. */
  void policy(String name, String spec) {
    PreheatPolicy policy = new PreheatPolicy();
    policy.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    policy.setSpec(Serialization.unmarshal(spec, PreheatPolicySpec.class));
    world.client().resource(policy).create();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          PreheatPolicy found =
              world
                  .client()
                  .resources(PreheatPolicy.class)
                  .inNamespace("default")
                  .withName(name)
                  .get();
          return found.getStatus() != null
              && Conditions.isTrue(found.getStatus().conditions(), "Ready");
        });
  }

  /** The status of an execution as it stands. */
  PreheatExecutionStatus status(String name) {
    PreheatExecution found =
        world
            .client()
            .resources(PreheatExecution.class)
            .inNamespace("default")
            .withName(name)
            .get();
    return found == null || found.getStatus() == null
        ? PreheatExecutionStatus.EMPTY
        : found.getStatus();
  }

  PreheatExecutionStatus awaitPhase(String name, Phase phase, Duration atMost) {
    await()
        .atMost(atMost)
        .untilAsserted(
            () -> assertThat(status(name).phase()).as(() -> describe(name)).isEqualTo(phase));
    return status(name);
  }

  /** Where its tasks, or those of its parts, stand, for the message of a failed test. */
  private String describe(String name) {
    StringBuilder text = new StringBuilder(name + ": " + status(name).message());
    Stream.concat(
            Stream.of(status(name)),
            parts(name).stream()
                .map(part ->
                    part.getStatus() == null ? PreheatExecutionStatus.EMPTY : part.getStatus()))
        .forEach(status ->
            text.append("\n  ")
                .append(status.phase())
                .append(' ')
                .append(status.progress())
                .append(' ')
                .append(
                    status.taskList().stream()
                        .collect(
                            Collectors.groupingBy(
                                task ->
                                    task.state()
                                        + "/"
                                        + task.reason()
                                        + (task.state().terminal() ? "" : "/" + task.message()),
                                Collectors.counting()))));
    return text.toString();
  }

  /** The parts of a run, in order. */
  List<PreheatExecution> parts(String name) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withLabel("preheat.goharbor.io/part-of", name)
        .list()
        .getItems()
        .stream()
        .sorted(Comparator.comparing(part -> part.getMetadata().getName()))
        .toList();
  }

  /** Merges a patch into an object of our kinds. */
  void patch(Class<? extends HasMetadata> kind, String name, String merge) {
    world
        .client()
        .resources(kind)
        .inNamespace("default")
        .withName(name)
        .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
  }
}
