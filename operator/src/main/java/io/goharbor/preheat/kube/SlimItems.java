package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cache keeps: objects without the record of who set which field, which no one reads here
 * and which is often larger than the rest. For one informer only, since an informer takes out what
 * its own list does not have.
 *
 * @param <R> the kind
 */
public final class SlimItems<R extends HasMetadata> extends BasicItemStore<R> {
  /** An empty store. */
  public SlimItems() {
    super(Cache::metaNamespaceKeyFunc);
  }

  @Override
  public @Nullable R put(String key, R object) {
    object.getMetadata().setManagedFields(List.of());
    return super.put(key, object);
  }
}
