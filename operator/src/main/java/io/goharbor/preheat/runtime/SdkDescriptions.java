package io.goharbor.preheat.runtime;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what the Java Operator SDK's meters count; the SDK registers them without a word. */
final class SdkDescriptions implements MeterFilter {
  private static final String PREFIX = "operator.sdk.";

  /** By name; where each controller has a meter of its own, without the controller's name. */
  private static final Map<String, String> DESCRIPTIONS =
      Map.ofEntries(
          Map.entry("controllers.execution.reconcile", "Duration of reconciliations"),
          Map.entry(
              "controllers.execution.reconcile.success",
              "Reconciliations that ended well, by what they asked to be written"),
          Map.entry(
              "controllers.execution.reconcile.failure",
              "Reconciliations that ended with an exception"),
          Map.entry("controllers.execution.cleanup", "Duration of clean-ups"),
          Map.entry("controllers.execution.cleanup.success", "Clean-ups that ended well"),
          Map.entry(
              "controllers.execution.cleanup.failure", "Clean-ups that ended with an exception"),
          Map.entry("events.received", "Events of watches"),
          Map.entry("events.delete", "Objects that were deleted"),
          Map.entry("reconciliations.started", "Reconciliations that were begun"),
          Map.entry("reconciliations.success", "Reconciliations that ended well"),
          Map.entry("reconciliations.failed", "Reconciliations that failed"),
          Map.entry("reconciliations.executions", "Reconciliations under way"),
          Map.entry("reconciliations.queue.size", "Objects that wait for a reconciliation"));

  @Override
  public Meter.Id map(Meter.Id id) {
    if (!id.getName().startsWith(PREFIX) || id.getDescription() != null) {
      return id;
    }
    String description = describe(id.getName().substring(PREFIX.length()));
    return description == null
        ? id
        : new Meter.Id(
            id.getName(),
            Tags.of(id.getTagsAsIterable()),
            id.getBaseUnit(),
            description,
            id.getType());
  }

  private static @Nullable String describe(String name) {
    String exact = DESCRIPTIONS.get(name);
    int last = name.lastIndexOf('.');
    return exact != null || last < 0 ? exact : DESCRIPTIONS.get(name.substring(0, last));
  }
}
