package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.engine.Admission;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A provider that points to a host of the cluster must not read its answers out to tenants. */
class ProviderWordsTest {
  private static final String QUOTE = "quoted from http://internal";
  private static final ObjectKey PROVIDER = new ObjectKey("platform", "shared");

  private static final ProviderWords TO_OWNER =
      ProviderWords.of(PROVIDER, new ObjectKey("platform", "run"));
  private static final ProviderWords TO_TENANT =
      ProviderWords.of(PROVIDER, new ObjectKey("tenant", "run"));

  static List<Submission> submissions() {
    return List.of(
        new Submission.Refused(Reason.PULL_DENIED, QUOTE),
        new Submission.NotNow(Reason.UNREACHABLE, QUOTE, null, true, true),
        new Submission.Unknown(QUOTE),
        new Submission.Concluded(new Observation.Failed(Reason.FAILED, QUOTE)));
  }

  static List<Observation> observations() {
    return List.of(
        new Observation.Failed(Reason.FAILED, QUOTE),
        new Observation.OutcomeUnknown(QUOTE, null),
        new Observation.NoAnswer(Reason.UNREACHABLE, QUOTE));
  }

  @ParameterizedTest
  @MethodSource("submissions")
  void the_answer_to_a_submission_is_for_the_owner(Submission submission) {
    assertThat(TO_OWNER.of(submission)).isSameAs(submission);
    assertThat(TO_TENANT.of(submission))
        .hasSameClassAs(submission)
        .asString()
        .contains("platform/shared")
        .doesNotContain("internal");
  }

  @ParameterizedTest
  @MethodSource("observations")
  void what_became_of_a_job_is_for_the_owner(Observation observation) {
    assertThat(TO_OWNER.of(observation)).isSameAs(observation);
    assertThat(TO_TENANT.of(observation))
        .hasSameClassAs(observation)
        .asString()
        .contains("platform/shared")
        .doesNotContain("internal");
  }

  @Test
  void of_what_a_task_waits_for_only_the_trouble_of_a_provider_is_cut() {
    Admission.Wait trouble = new Admission.Wait(Reason.WAITING_FOR_PROVIDER, QUOTE);
    Admission.Wait slot = new Admission.Wait(Reason.WAITING_FOR_SLOT, "no free slot");
    assertThat(TO_OWNER.of(trouble)).isSameAs(trouble);
    assertThat(TO_TENANT.of(trouble)).asString().doesNotContain("internal");
    assertThat(TO_TENANT.of(slot)).isSameAs(slot);
  }
}
