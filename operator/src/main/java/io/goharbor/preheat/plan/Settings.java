package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec;
import io.goharbor.preheat.api.PreheatPolicySpec.ExecutionTemplate;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.api.builder.RunSettingsBuilder;
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
    return RunSettingsBuilder.builder()
        .policyGeneration(policy == null ? null : policy.getMetadata().getGeneration())
        .harborRef(
            spec.harborRef() != null
                ? spec.harborRef().name()
                : of == null ? null : of.harborRef().name())
        .target(first(spec.target(), of == null ? null : of.target(), Target.DEFAULT))
        .platforms(spec.platforms() != null ? spec.platforms() : of == null ? null : of.platforms())
        .accessories( // What is sent again is named as it was planned.
            spec.retryOf() != null
                ? null
                : spec.accessories() != null
                    ? spec.accessories()
                    : of == null ? null : of.accessories())
        .verification(
            first(spec.verification(), of == null ? null : of.verification(), Verification.DEFAULT))
        .backoffLimit(
            first(
                spec.backoffLimit(),
                template == null ? null : template.backoffLimit(),
                DEFAULT_BACKOFF_LIMIT))
        .activeDeadline(
            spec.activeDeadline() != null
                ? spec.activeDeadline()
                : template == null ? null : template.activeDeadline())
        .ttlAfterFinished(timeToLive(spec, template))
        .taskTimeout(
            first(
                spec.taskTimeout(),
                template == null ? null : template.taskTimeout(),
                DEFAULT_TASK_TIMEOUT))
        .window(of == null ? null : of.window())
        .priority(of == null ? 0 : of.effectivePriority())
        .build();
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
    return RunSettingsBuilder.builder()
        .policyGeneration(whole.policyGeneration())
        .harborRef(whole.harborRef())
        .target(whole.target())
        .platforms(whole.platforms())
        .accessories(whole.accessories())
        .verification(whole.verification())
        .backoffLimit(whole.backoffLimit())
        .activeDeadline(whole.activeDeadline())
        .taskTimeout(whole.taskTimeout())
        .window(whole.window())
        .priority(whole.priority())
        .build();
  }

  private static <T> T first(@Nullable T own, @Nullable T ofPolicy, T otherwise) {
    return own != null ? own : ofPolicy != null ? ofPolicy : otherwise;
  }
}
