package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.RunSettings;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Verification;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Selector;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an execution is about, with all that its policy gives it.
 *
 * @param selector null when what the execution names is taken as it is, and after planning
 * @param group executions of one group share slots fairly with others
 * @param named whether a person named the artifacts, so that one that is not there is a failure
 * @param part whether it is part of a larger run, which decided what is selected
 */
public record Run(
    ObjectKey registry,
    HarborRegistrySpec harbor,
    List<ObjectKey> providers,
    @Nullable Selector selector,
    RunSettings settings,
    ObjectKey group,
    Operation operation,
    boolean named,
    boolean part,
    Control control) {

  /**
   * What people wish of a run while it is under way; a part follows its whole.
   *
   * @param since when the run began, from which its deadline counts; null: it has not
   */
  public record Control(boolean suspended, boolean cancelled, @Nullable Instant since) {
    /** No one wishes anything. */
    public static final Control NONE = new Control(false, false, null);
  }

  public Target target() {
    return settings.target();
  }

  /** Empty: all. */
  List<String> platforms() {
    return settings.platformList();
  }

  /** What is preheated with each artifact. */
  Set<AccessoryKind> accessories() {
    return Set.copyOf(settings.accessoryList());
  }

  public Verification verification() {
    return settings.verification();
  }

  /** Null: none. */
  public @Nullable Duration activeDeadline() {
    return settings.deadline();
  }

  /** How long a provider may take for one job. */
  Duration jobLimit() {
    return settings.jobLimit();
  }
}
