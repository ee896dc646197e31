package io.goharbor.preheat.execution;

import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.plan.Parts;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the cache of executions keeps: those under way as they are, the finished ones packed, none
 * with the record of who set which field. For one informer only, since an informer takes out what
 * its own list does not have.
 */
public final class ExecutionItems implements ItemStore<PreheatExecution> {
  private final ConcurrentHashMap<String, PreheatExecution> items = new ConcurrentHashMap<>();

  @Override
  public String getKey(PreheatExecution execution) {
    return Cache.metaNamespaceKeyFunc(execution);
  }

  @Override
  public @Nullable PreheatExecution put(String key, PreheatExecution execution) {
    return items.put(key, kept(execution));
  }

  private static PreheatExecution kept(PreheatExecution execution) {
    if (execution instanceof PackedExecution) {
      return execution;
    }
    execution.getMetadata().setManagedFields(List.of());
    return Parts.ended(execution) ? PackedExecution.of(execution) : execution;
  }

  @Override
  public @Nullable PreheatExecution remove(String key) {
    return items.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return items.keySet().stream();
  }

  @Override
  public Stream<PreheatExecution> values() {
    return items.values().stream();
  }

  @Override
  public @Nullable PreheatExecution get(String key) {
    return items.get(key);
  }

  @Override
  public int size() {
    return items.size();
  }
}
