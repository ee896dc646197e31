package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;

/**
 * Which executions are looked at when they are first seen, which after a start are all: not those
 * that ended and for which nothing is left to be done.
 */
public final class ExecutionAdds implements OnAddFilter<PreheatExecution> {
  @Override
  public boolean accept(PreheatExecution execution) {
    return !Parts.ended(execution)
        || ExecutionReconciler.timeToLive(execution) != null
        || Retries.isAsked(execution);
  }
}
