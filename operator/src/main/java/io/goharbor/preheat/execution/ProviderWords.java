package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task may say of a provider's answers. Those who see the provider see all. To another
 * namespace it comes down to the reason: an answer may quote what only the provider's owner is to
 * read, from hosts that only he can reach.
 *
 * @param ours whether the provider is in the namespace of the execution
 */
record ProviderWords(ObjectKey provider, boolean ours) {
  static ProviderWords of(ObjectKey provider, ObjectKey execution) {
    return new ProviderWords(provider, provider.namespace().equals(execution.namespace()));
  }

  /** Of a registry in trouble the words are its own, which the execution may read. */
  TaskEvent of(TaskEvent event) {
    return switch (event) {
      case TaskEvent.Sent sent when sent.orderFailed() -> sent;
      case TaskEvent.Sent sent -> new TaskEvent.Sent(sent.key(), of(sent.outcome()), false);
      case TaskEvent.Seen seen -> new TaskEvent.Seen(seen.key(), of(seen.observation()));
    };
  }

  Admission of(Admission admission) {
    return admission instanceof Admission.Wait wait ? waits(wait) : admission;
  }

  /** Of all that a task waits for, only a provider in trouble has words of its own. */
  Admission.Wait waits(Admission.Wait wait) {
    return !ours && wait.reason() == Reason.WAITING_FOR_PROVIDER
        ? new Admission.Wait(wait.reason(), message(wait.reason()))
        : wait;
  }

  Submission of(Submission submission) {
    if (ours) {
      return submission;
    }
    return switch (submission) {
      case Submission.Accepted accepted -> accepted;
      case Submission.Concluded concluded -> new Submission.Concluded(of(concluded.outcome()));
      case Submission.Refused refused ->
          new Submission.Refused(refused.reason(), message(refused.reason()));
      case Submission.NotNow later ->
          new Submission.NotNow(
              later.reason(),
              message(later.reason()),
              later.retryAfter(),
              later.providerFault(),
              later.patience());
      case Submission.Unknown unknown -> new Submission.Unknown(message(Reason.UNREACHABLE));
    };
  }

  Observation of(Observation observation) {
    if (ours) {
      return observation;
    }
    return switch (observation) {
      case Observation.InProgress progress -> progress;
      case Observation.Evicted evicted -> evicted;
      case Observation.Finished finished ->
          new Observation.Finished(counts(finished.warmth()), finished.cause());
      case Observation.Failed failed ->
          new Observation.Failed(failed.reason(), message(failed.reason()));
      case Observation.OutcomeUnknown unknown ->
          new Observation.OutcomeUnknown(message(Reason.JOB_LOST), found(unknown.found()));
      case Observation.NoAnswer none ->
          new Observation.NoAnswer(none.reason(), message(none.reason()));
    };
  }

  private @Nullable Warmth found(@Nullable Warmth found) {
    return found == null ? null : counts(found);
  }

  /** Without the peers' names and errors. */
  private Warmth counts(Warmth warmth) {
    return new Warmth(
        warmth.verified(),
        warmth.heldBytes(),
        warmth.expectedBytes(),
        warmth.peers(),
        List.of(),
        warmth.failedPeerCount(),
        warmth.remainder(),
        warmth.unverifiedBecause() == null ? null : message(Reason.UNVERIFIED));
  }

  private String message(Reason reason) {
    return "provider " + provider + ": " + reason.meaning();
  }
}
