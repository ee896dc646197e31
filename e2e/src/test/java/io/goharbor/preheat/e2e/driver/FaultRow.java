package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * One row of the fault matrix: something that an outside system does, and what a driver must make
 * of it. What the driver really answers becomes the row's text in the documentation.
 *
 * @param behaviour what the system does, in the words of the table
 * @param expected what it must come to
 * @param act brings the fault about and returns the driver's answer
 */
record FaultRow(String behaviour, Outcome expected, Callable<Object> act) {
  /** What a driver's answer means to the provider's queue and to people. */
  enum Outcome {
    ACCEPTED("goes on", "The task goes on"),
    HELD("wait", "The queue waits and the provider's condition says why; no attempt is used up"),
    HELD_AND_COUNTED(
        "retry", "The queue waits and the provider's condition says why; the attempt counts"),
    PATIENCE("wait", "The task is sent later; no attempt is used up"),
    RETRIED("retry", "The attempt counts; the task is sent again after a pause"),
    REFUSED("permanent", "The task fails at once"),
    LOOKED_FOR("unknown", "The job is looked for and taken up, or sent"),
    LOOKED_AGAIN("retry", "Nothing is known; the job is checked again"),
    STILL_RUNNING("goes on", "The task goes on"),
    JOB_FAILED("retry", "The attempt counts; the task is sent again after a pause"),
    PEERS_ASKED("unknown", "The peers are asked what they hold"),
    UNVERIFIED("unverified", "The task ends Unverified"),
    MEASURED("judged", "Warm by what the peers hold; what is missing is sent again alone"),
    CANNOT_TELL("permanent", "The peers cannot be asked"),
    INCOMPLETE("retry", "The attempt counts; the peers are asked to delete again");

    final String classification;
    final String consequence;

    Outcome(String classification, String consequence) {
      this.classification = classification;
      this.consequence = consequence;
    }
  }

  /** What came of it. */
  record Result(Outcome outcome, String message) {
    static Result of(Object answer) {
      return switch (answer) {
        case Health.Usable usable ->
            new Result(
                Outcome.ACCEPTED,
                usable.notices().stream()
                    .filter(notice -> Boolean.FALSE.equals(notice.status()))
                    .map(notice -> notice.condition() + " is False: " + notice.message())
                    .collect(Collectors.joining("; ")));
        case Health.Unusable no -> new Result(Outcome.HELD, no.reason() + ": " + no.message());
        case Submission.Accepted accepted -> new Result(Outcome.ACCEPTED, "");
        case Submission.Concluded concluded -> of(concluded.outcome());
        case Submission.Refused no ->
            new Result(Outcome.REFUSED, no.reason() + ": " + no.message());
        case Submission.NotNow no ->
            new Result(
                no.providerFault()
                    ? no.patience() ? Outcome.HELD : Outcome.HELD_AND_COUNTED
                    : no.patience() ? Outcome.PATIENCE : Outcome.RETRIED,
                no.reason() + ": " + no.message());
        case Submission.Unknown no -> new Result(Outcome.LOOKED_FOR, no.message());
        case Observation.InProgress progress -> new Result(Outcome.STILL_RUNNING, "");
        case Observation.NoAnswer no ->
            new Result(Outcome.LOOKED_AGAIN, no.reason() + ": " + no.message());
        case Observation.Failed no ->
            new Result(Outcome.JOB_FAILED, no.reason() + ": " + no.message());
        case Observation.OutcomeUnknown no -> new Result(Outcome.PEERS_ASKED, no.message());
        case Observation.Finished finished ->
            finished.warmth().verified()
                ? new Result(Outcome.MEASURED, held(finished.warmth()))
                : new Result(
                    Outcome.UNVERIFIED,
                    Objects.requireNonNullElse(finished.warmth().unverifiedBecause(), ""));
        case Observation.Evicted evicted -> new Result(Outcome.MEASURED, "");
        case VerificationResult.Known known -> new Result(Outcome.MEASURED, held(known.warmth()));
        case VerificationResult.CannotTell no -> new Result(Outcome.CANNOT_TELL, no.message());
        case VerificationResult.NoAnswer no ->
            new Result(Outcome.LOOKED_AGAIN, no.reason() + ": " + no.message());
        case Eviction.Evicted evicted -> new Result(Outcome.MEASURED, "");
        case Eviction.Incomplete no -> new Result(Outcome.INCOMPLETE, no.message());
        case Eviction.NotOffered no -> new Result(Outcome.CANNOT_TELL, no.message());
        case Eviction.NoAnswer no ->
            new Result(Outcome.LOOKED_AGAIN, no.reason() + ": " + no.message());
        default -> throw new IllegalArgumentException("not an answer of a driver: " + answer);
      };
    }

    private static String held(Warmth warmth) {
      return String.format(
          Locale.ROOT,
          "%d%% warm%s",
          warmth.percent(),
          warmth.failedPeerCount() == 0
              ? ""
              : "; "
                  + warmth.failedPeerCount()
                  + " peers failed: "
                  + warmth.failedPeers().getFirst());
    }

    /** The message without what differs from run to run. */
    String stableMessage() {
      return message
          .replaceAll("default/(faults|kraken)", "team/provider")
          .replaceAll("127\\.0\\.0\\.1:\\d+", "example.com")
          .replaceAll("127\\.0\\.0\\.1", "example.com")
          .replaceAll("sha256:[0-9a-f]{6,}", "sha256:…")
          .replaceAll("\\b[0-9a-f]{20,}\\b", "…")
          .replace("|", "\\|");
    }
  }

  @Override
  public String toString() {
    return behaviour;
  }
}
