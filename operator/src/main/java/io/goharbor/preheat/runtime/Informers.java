package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether all informers run.
 *
 * @param own beside those of the operator
 */
record Informers(Operator operator, List<? extends SharedIndexInformer<?>> own) {
  /** A sentence that names one that has ended; empty: all run. An API server may well be away. */
  // The library's type has a parameter that its own method does not give.
  @SuppressWarnings({"rawtypes", "unchecked"})
  Optional<String> trouble() {
    for (SharedIndexInformer<?> informer : own) {
      if (!informer.isRunning()) {
        return Optional.of(
            "the informer of " + informer.getApiTypeClass().getSimpleName() + " has ended");
      }
    }
    for (Map<String, InformerWrappingEventSourceHealthIndicator> sources :
        operator.getRuntimeInfo().unhealthyInformerWrappingEventSourceHealthIndicator().values()) {
      for (Map.Entry<String, InformerWrappingEventSourceHealthIndicator> source :
          sources.entrySet()) {
        Map<String, InformerHealthIndicator> byNamespace =
            source.getValue().informerHealthIndicators();
        for (Map.Entry<String, InformerHealthIndicator> informer : byNamespace.entrySet()) {
          if (!informer.getValue().isRunning()) {
            return Optional.of(
                "the informer " + source.getKey() + " of " + informer.getKey() + " has ended");
          }
        }
      }
    }
    return Optional.empty();
  }
}
