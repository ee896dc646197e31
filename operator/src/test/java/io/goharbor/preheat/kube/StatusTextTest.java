package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.builder.PreheatExecutionStatusBuilder;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StatusTextTest {
  private final StatusText text = new StatusText(said -> said.replace("secret", "***"));

  @Test
  void whatever_stands_in_a_status_is_looked_at() {
    PreheatExecutionStatus status =
        PreheatExecutionStatusBuilder.builder()
            .observedGeneration(1L)
            .message("a\u009bsecret")
            .tasks(
                List.of(
                    TaskStatusBuilder.builder()
                        .id("id")
                        .artifact("shop/web:\u001b[2J")
                        .repository("shop/secret\u0085")
                        .digest("sha256:0")
                        .provider("ns/p")
                        .state(TaskState.FAILED)
                        .jobID("job\u202e")
                        .attempts(1)
                        .bytes(5L)
                        .reason(Reason.FAILED)
                        .message("the secret\u2028")
                        .build()))
            .skipped(
                List.of(
                    new SkippedReason(
                        "Reason", 1, List.of(new SkippedReason.Sample("x\u007f", "secret\u0000")))))
            .conditions(
                List.of(
                    new ConditionBuilder().withType("Ready").withMessage("m\u0080secret").build()))
            .build();
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
