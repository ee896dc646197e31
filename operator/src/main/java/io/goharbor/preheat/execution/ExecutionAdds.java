package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.plan.Parts;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;

/**
 * Which executions are checked when they are first seen, which after a start are all: not those
 * that ended; {@link ExpirySource} notes when their time is over.
 */
public final class ExecutionAdds implements OnAddFilter<PreheatExecution> {
  @Override
  public boolean accept(PreheatExecution execution) {
    return !Parts.ended(execution) || Retries.isAsked(execution);
  }
}
