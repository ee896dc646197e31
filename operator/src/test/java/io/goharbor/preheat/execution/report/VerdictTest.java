package io.goharbor.preheat.execution.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  private static final List<SkippedReason> SKIPPED =
      List.of(
          new SkippedReason(
              "NotSigned",
              3,
              List.of(new SkippedReason.Sample("shop/web:1", "it has no signature"))));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          # good | unverified | failed | cancelled | missing | failure | spec | phase | reason | message
          2 | 0 | 0 | 0 | 0 | -        | {}                      | Succeeded | Succeeded | all 2 tasks are warm
          2 | 0 | 0 | 0 | 0 | -        | operation: Verify       | Succeeded | Succeeded | all 2 tasks were found warm
          2 | 0 | 0 | 0 | 0 | -        | operation: Evict        | Succeeded | Succeeded | all 2 tasks are out of the caches
          2 | 1 | 0 | 0 | 0 | -        | {}                      | Succeeded | Succeeded | 1 of 2 tasks could not be verified
          0 | 0 | 0 | 0 | 0 | -        | {}                      | Succeeded | NothingSelected | nothing was selected: shop/web:1: it has no signature
          0 | 0 | 0 | 0 | 0 | -        | 'retryOf: {name: r}'    | Succeeded | NothingToRetry | no task of r failed or was cancelled
          2 | 0 | 0 | 0 | 0 | -        | dryRun: true            | Succeeded | DryRun | dry run: 2 tasks would be sent
          2 | 0 | 0 | 0 | 1 | -        | dryRun: true            | Succeeded | DryRun | dry run: 2 tasks would be sent; 1 of what was named cannot be preheated: shop/web:1: it has no signature
          1 | 0 | 1 | 0 | 0 | no space | {}                      | PartiallySucceeded | PartiallyFailed | 1 of 2 tasks failed: no space
          1 | 0 | 0 | 0 | 1 | -        | {}                      | PartiallySucceeded | PartiallyFailed | 1 of what was named cannot be preheated: shop/web:1: it has no signature
          1 | 0 | 1 | 0 | 1 | no space | {}                      | PartiallySucceeded | PartiallyFailed | 1 of 2 tasks failed, 1 of what was named cannot be preheated: no space
          0 | 0 | 2 | 0 | 0 | no space | {}                      | Failed | Failed | 2 of 2 tasks failed: no space
          0 | 0 | 0 | 0 | 2 | -        | {}                      | Failed | Failed | 2 of what was named cannot be preheated: shop/web:1: it has no signature
          1 | 0 | 1 | 1 | 0 | no space | {}                      | Cancelled | Cancelled | spec.cancel was set
          """)
  void a_run_ends_as_its_tasks_did(
      int good,
      int unverified,
      int failed,
      int cancelled,
      int missing,
      @Nullable String failure,
      String spec,
      String phase,
      String reason,
      String message) {
    TaskCounts tally = new TaskCounts(good, unverified, failed, cancelled, 0, 0, 0, 0, 0);

    Verdict verdict =
        Verdict.of(
            Serialization.unmarshal(
                spec.equals("{}") ? "dryRun: false" : spec, PreheatExecutionSpec.class),
            tally,
            missing,
            SKIPPED,
            failure);

    assertThat(verdict.phase()).hasToString(phase);
    assertThat(verdict.reason()).hasToString(reason);
    assertThat(verdict.message()).isEqualTo(message);
  }
}
