package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StatusTextTest {
  private final StatusText text = new StatusText(said -> said.replace("secret", "***"));

  @Test
  void whatever_stands_in_a_status_is_looked_at() {
    PreheatExecutionStatus status =
        new PreheatExecutionStatus(
            1L,
            null,
            null,
            null,
            "a\u009bsecret",
            null,
            null,
            null,
            null,
            null,
            List.of(
                new TaskStatus(
                    "id",
                    "shop/web:\u001b[2J",
                    "shop/secret\u0085",
                    "sha256:0",
                    null,
                    null,
                    "ns/p",
                    TaskState.FAILED,
                    "job\u202e",
                    1,
                    5L,
                    null,
                    Reason.FAILED,
                    "the secret\u2028",
                    null,
                    null,
                    null)),
            null,
            List.of(
                new SkippedReason(
                    "Reason", 1, List.of(new SkippedReason.Sample("x\u007f", "secret\u0000")))),
            null,
            null,
            List.of(new ConditionBuilder().withType("Ready").withMessage("m\u0080secret").build()));
    PreheatExecutionStatus clean = text.clean(status);
    assertThat(clean.message()).isEqualTo("a\ufffd***");
    TaskStatus task = clean.taskList().getFirst();
    assertThat(task.message()).isEqualTo("the *** ");
    assertThat(task.artifact()).isEqualTo("shop/web:\ufffd[2J");
    // What others find things by is not for people only.
    assertThat(task.repository()).isEqualTo("shop/secret ");
    assertThat(task.jobID()).isEqualTo("job\ufffd");
    assertThat(task.reason()).isEqualTo(Reason.FAILED);
    assertThat(Objects.requireNonNull(clean.skipped())).hasSize(1);
    assertThat(Objects.requireNonNull(clean.skipped()).getFirst().samples())
        .containsExactly(new SkippedReason.Sample("x\ufffd", "***\ufffd"));
    assertThat(Objects.requireNonNull(clean.conditions()).getFirst().getMessage())
        .isEqualTo("m\ufffd***");
    assertThat(text.clean(clean)).isSameAs(clean);
  }

  @Test
  void a_version_is_what_somebody_said() {
    HarborRegistryStatus status =
        new HarborRegistryStatus(1L, null, "v2\u001b]0;secret\u0007", null, null);
    assertThat(text.clean(status).version()).isEqualTo("v2\ufffd]0;***\ufffd");
  }
}
