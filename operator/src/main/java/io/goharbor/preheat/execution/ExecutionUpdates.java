package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecution;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Map;
import java.util.Objects;

/** Which changes of an execution matter: its spec, its deletion, and that a retry is asked for. */
public final class ExecutionUpdates implements OnUpdateFilter<PreheatExecution> {
  @Override
  public boolean accept(PreheatExecution after, PreheatExecution before) {
    return !Objects.equals(
            after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Objects.equals(
            after.getMetadata().getDeletionTimestamp(), before.getMetadata().getDeletionTimestamp())
        || !Objects.equals(request(after), request(before));
  }

  private static String request(PreheatExecution execution) {
    Map<String, String> annotations = execution.getMetadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(Retries.ANNOTATION, "");
  }
}
