package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicyStatus.Denied;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which changes of a policy matter: its spec, its deletion, and what the cluster denies it. */
public final class PolicyUpdates implements OnUpdateFilter<PreheatPolicy> {
  @Override
  public boolean accept(PreheatPolicy after, PreheatPolicy before) {
    return !Objects.equals(
            after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Objects.equals(
            after.getMetadata().getDeletionTimestamp(), before.getMetadata().getDeletionTimestamp())
        || !Objects.equals(denied(after), denied(before));
  }

  private static @Nullable Denied denied(PreheatPolicy policy) {
    return policy.getStatus() == null ? null : policy.getStatus().denied();
  }
}
