package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicySpec.ExecutionTemplate;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import org.jspecify.annotations.Nullable;

/** Puts the policy's values under an execution's own, and the defaults under both. */
public final class Settings {
  private static final int DEFAULT_BACKOFF_LIMIT = 3;
  private static final String DEFAULT_TASK_TIMEOUT = "1h";
  private static final String DEFAULT_TTL = "168h";

  private Settings() {}

  public static RunSettings of(PreheatExecutionSpec spec, @Nullable PreheatPolicy policy) {
    PreheatPolicySpec of = policy == null ? null : policy.getSpec();
    ExecutionTemplate template = of == null ? null : of.executionTemplate();
    return new RunSettings(
        policy == null ? null : policy.getMetadata().getGeneration(),
        spec.harborRef() != null
            ? spec.harborRef().name()
            : of == null ? null : of.harborRef().name(),
        first(spec.target(), of == null ? null : of.target(), Target.DEFAULT),
        spec.platforms() != null ? spec.platforms() : of == null ? null : of.platforms(),
        // What is sent again is named as it was planned.
        spec.retryOf() != null
            ? null
            : spec.accessories() != null
                ? spec.accessories()
                : of == null ? null : of.accessories(),
        first(spec.verification(), of == null ? null : of.verification(), Verification.DEFAULT),
        first(
            spec.backoffLimit(),
            template == null ? null : template.backoffLimit(),
            DEFAULT_BACKOFF_LIMIT),
        spec.activeDeadline() != null
            ? spec.activeDeadline()
            : template == null ? null : template.activeDeadline(),
        timeToLive(spec, template),
        first(
            spec.taskTimeout(),
            template == null ? null : template.taskTimeout(),
            DEFAULT_TASK_TIMEOUT),
        of == null ? null : of.window(),
        of == null ? 0 : of.effectivePriority());
  }

  /** What a person or Argo CD created goes when they say so: deleted, it would be created again. */
  private static @Nullable String timeToLive(
      PreheatExecutionSpec spec, @Nullable ExecutionTemplate template) {
    if (spec.ttlAfterFinished() != null || spec.effectiveTrigger() == Trigger.MANUAL) {
      return spec.ttlAfterFinished();
    }
    return first(null, template == null ? null : template.ttlAfterFinished(), DEFAULT_TTL);
  }

  /** Those of a part: it goes when its whole goes. */
  public static RunSettings ofPart(RunSettings whole) {
    return new RunSettings(
        whole.policyGeneration(),
        whole.harborRef(),
        whole.target(),
        whole.platforms(),
        whole.accessories(),
        whole.verification(),
        whole.backoffLimit(),
        whole.activeDeadline(),
        null,
        whole.taskTimeout(),
        whole.window(),
        whole.priority());
  }

  private static <T> T first(@Nullable T own, @Nullable T ofPolicy, T otherwise) {
    return own != null ? own : ofPolicy != null ? ofPolicy : otherwise;
  }
}
