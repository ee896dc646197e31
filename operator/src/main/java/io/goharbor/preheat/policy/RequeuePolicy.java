package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.Reason;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When a policy is checked again though nothing wakes it. Changes of what it names, of its
 * executions and of itself do wake it, and so does its schedule; thousands of policies at rest must
 * not be checked in vain.
 */
final class RequeuePolicy {
  static final Duration WHILE_BUSY = Duration.ofSeconds(10);

  /** Labels of a namespace cannot be watched with the operator's rights; some are waited for. */
  static final Duration FOR_LABELS = Duration.ofMinutes(1);

  /** That a label was taken away each run finds out by itself. */
  static final Duration WITH_LABELS = Duration.ofMinutes(10);

  /** Executions beyond the history's limits wait until the catch-up sweep has seen them. */
  static final Duration FOR_SWEEP = Duration.ofMinutes(2);

  static final Duration AT_REST = Duration.ofHours(10);

  private RequeuePolicy() {}

  /**
   * The time until the next look.
   *
   * @param trouble what is in the way of the policy; null: nothing
   * @param busy whether an execution of it is unfinished
   * @param unknown whether a provider that it names was not probed yet
   * @param labels whether labels of its namespace decide about a provider that it names
   * @param surplus whether executions are left that are to be deleted
   */
  static Duration after(
      @Nullable Reason trouble,
      boolean busy,
      boolean unknown,
      boolean labels,
      boolean surplus,
      RandomGenerator random) {
    if (busy || unknown) {
      return WHILE_BUSY;
    }
    if (surplus) {
      return labels && trouble == Reason.PROVIDER_NOT_ALLOWED ? FOR_LABELS : FOR_SWEEP;
    }
    if (!labels) {
      return jittered(AT_REST, random);
    }
    return trouble == Reason.PROVIDER_NOT_ALLOWED ? FOR_LABELS : jittered(WITH_LABELS, random);
  }

  /** A tenth more or less, so that not all come at once. */
  private static Duration jittered(Duration around, RandomGenerator random) {
    long tenth = around.toMillis() / 10;
    return around.plusMillis(random.nextLong(-tenth, tenth + 1));
  }
}
