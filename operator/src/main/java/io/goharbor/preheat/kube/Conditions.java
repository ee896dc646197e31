package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Builds the conditions of one resource, each type once: what is set last counts. A condition whose
 * status did not change keeps the time of its last transition, so that equal facts give equal
 * statuses.
 */
public final class Conditions {
  private static final int MAX_MESSAGE = 1024;

  private final List<Condition> before;
  private final @Nullable Long generation;
  private final Instant now;

  /** By type, in the order in which they were first set. */
  private final Map<String, Condition> after = new LinkedHashMap<>();

  /** Starts from the conditions that stand. */
  public Conditions(@Nullable List<Condition> before, @Nullable Long generation, Instant now) {
    this.before = before == null ? List.of() : before;
    this.generation = generation;
    this.now = now;
  }

  /**
   * Sets a condition.
   *
   * @param status null: not known; what was known of the same generation before stays as it is
   */
  public Conditions set(String type, @Nullable Boolean status, Reason reason, String message) {
    Optional<Condition> known =
        find(before, type)
            .filter(old -> status == null && !"Unknown".equals(old.getStatus()))
            .filter(old -> Objects.equals(old.getObservedGeneration(), generation));
    if (known.isPresent()) {
      after.put(type, known.get());
      return this;
    }
    String text = status == null ? "Unknown" : status ? "True" : "False";
    String since =
        find(before, type)
            .filter(old -> text.equals(old.getStatus()))
            .map(Condition::getLastTransitionTime)
            .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
    after.put(
        type,
        new ConditionBuilder()
            .withType(type)
            .withStatus(text)
            .withReason(reason.toString())
            .withMessage(DisplayText.of(message, MAX_MESSAGE))
            .withLastTransitionTime(since)
            .withObservedGeneration(generation)
            .build());
    return this;
  }

  /** Keeps a condition as it stands, if there is one of the same generation. */
  public Conditions keep(String type) {
    find(before, type)
        .filter(old -> Objects.equals(old.getObservedGeneration(), generation))
        .ifPresent(old -> after.put(type, old));
    return this;
  }

  /** All that was set, in the order in which the types were first set. */
  public List<Condition> list() {
    return List.copyOf(after.values());
  }

  /** A condition by type. */
  public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(condition -> type.equals(condition.getType())).findFirst();
  }

  /** Whether a condition is True. */
  public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
    return find(conditions, type).filter(found -> "True".equals(found.getStatus())).isPresent();
  }
}
