package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import java.time.Duration;
import java.util.List;

/** Asks the operator, which asks Harbor, by dry runs that are deleted afterwards. */
final class DryRuns {
  // Should this process end before it deletes it.
  private static final String TIME_TO_LIVE = "10m";

  private final Cluster cluster;
  private final Waiting waiting;
  private final Duration patience;

  DryRuns(Cluster cluster, Waiting waiting, Duration patience) {
    this.cluster = cluster;
    this.waiting = waiting;
    this.patience = patience;
  }

  /** What a policy would do with the artifact; the execution no longer exists. */
  PreheatExecution ask(String policy, Wanted wanted) throws PluginFailure, InterruptedException {
    PreheatExecution question = new PreheatExecution();
    question.setMetadata(
        new ObjectMetaBuilder()
            .withGenerateName("why-" + policy.substring(0, Math.min(50, policy.length())) + "-")
            .build());
    question.setSpec(
        new PreheatExecutionSpec.Builder()
            .policy(policy)
            .artifacts(List.of(wanted.asRef()))
            .trigger(Trigger.MANUAL)
            .dryRun(true)
            .timeToLive(TIME_TO_LIVE)
            .build());
    String name = Executions.name(cluster.create(question));
    try {
      return waiting.until(cluster, name, patience, Executions::ended, null);
    } catch (PluginFailure e) {
      if (e.exitCode() != ExitCode.TIMED_OUT) {
        throw e;
      }
      String stalled = cluster.find(PreheatExecution.class, name).map(Executions::note).orElse("");
      throw new PluginFailure(
          ExitCode.TIMED_OUT,
          "the operator did not answer for policy "
              + policy
              + " in "
              + patience.toSeconds()
              + " s"
              + (stalled.isEmpty() ? ": is it running?" : ": " + stalled));
    } finally {
      cluster.delete(PreheatExecution.class, name);
    }
  }
}
