package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatPolicySpec.Window;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an execution is about, with all that its policy gives it.
 *
 * @param selector null when the execution has no policy: then what it names is taken as it is
 * @param platforms empty: all
 * @param accessories what is preheated with each artifact
 * @param activeDeadline null: none
 * @param ttlAfterFinished null: kept
 * @param taskTimeout how long a provider may take for one artifact
 * @param group executions of one group share a lane fairly with others
 */
record Run(
    ObjectKey registry,
    HarborRegistrySpec harbor,
    List<ObjectKey> providers,
    @Nullable Selector selector,
    Target target,
    List<String> platforms,
    Set<AccessoryKind> accessories,
    Verification verification,
    int backoffLimit,
    @Nullable Duration activeDeadline,
    @Nullable Duration ttlAfterFinished,
    @Nullable Window window,
    int priority,
    String group,
    Operation operation,
    Duration taskTimeout) {

  /** How long a provider may take for one job. */
  Duration jobLimit() {
    return activeDeadline != null && activeDeadline.compareTo(taskTimeout) < 0
        ? activeDeadline
        : taskTimeout;
  }
}
