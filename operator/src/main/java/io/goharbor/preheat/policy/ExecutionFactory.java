package io.goharbor.preheat.policy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.plan.ExecutionNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the executions of a policy. Their names follow from what causes them, so that creating one
 * a second time finds the first.
 */
public final class ExecutionFactory {
  /** Label with the name of the policy. */
  public static final String POLICY_LABEL = "preheat.goharbor.io/policy";

  /** Label with what caused the execution, in lower case. */
  public static final String TRIGGER_LABEL = "preheat.goharbor.io/trigger";

  private static final int MAX_PREFIX = 40;

  private ExecutionFactory() {}

  /** The execution for a scheduled time. */
  public static PreheatExecution scheduled(PreheatPolicy policy, Instant time) {
    // As CronJob names its Jobs: by the minute of the schedule.
    return make(policy, Trigger.SCHEDULE, Long.toString(time.getEpochSecond() / 60), null);
  }

  /**
   * The execution for artifacts that events or the catch-up sweep found.
   *
   * @param cause what makes it unique, such as the events' keys
   */
  public static PreheatExecution of(
      PreheatPolicy policy, Trigger trigger, String cause, List<ArtifactRef> artifacts) {
    return make(policy, trigger, hash(policy.getMetadata().getUid() + "\n" + cause), artifacts);
  }

  private static PreheatExecution make(
      PreheatPolicy policy, Trigger trigger, String suffix, @Nullable List<ArtifactRef> artifacts) {
    String name = policy.getMetadata().getName();
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(policy.getMetadata().getNamespace())
            .withName(ExecutionNames.shorten(name, MAX_PREFIX) + "-" + suffix)
            .withLabels(
                Map.of(
                    POLICY_LABEL,
                    ExecutionNames.labelValue(name),
                    TRIGGER_LABEL,
                    trigger.toString().toLowerCase(Locale.ROOT)))
            .addNewOwnerReference()
            .withApiVersion(policy.getApiVersion())
            .withKind(policy.getKind())
            .withName(name)
            .withUid(policy.getMetadata().getUid())
            .endOwnerReference()
            .build());
    execution.setSpec(PreheatExecutionSpec.ofPolicy(name, artifacts, trigger));
    return execution;
  }

  private static String hash(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
