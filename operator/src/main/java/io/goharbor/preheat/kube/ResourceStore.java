package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The informer cache of one kind, shared by all who read that kind. The controller of the kind
 * brings its cache when it is registered; until then nothing is found.
 *
 * @param <R> the kind
 */
public final class ResourceStore<R extends HasMetadata> {
  private volatile @Nullable IndexerResourceCache<R> cache;
  private volatile Consumer<R> onlooker = object -> {};

  /**
   * Shows each object before anyone finds it here, also those of the first list, and each again
   * when it changes. To be called before anything starts.
   *
   * @param each must be quick, and not throw
   */
  public void show(Consumer<R> each) {
    onlooker = each;
  }

  /** Takes the controller's cache, and adds indexes to it. */
  public void connect(
      IndexerResourceCache<R> primaryCache, Map<String, Function<R, List<String>>> indexers) {
    primaryCache.addIndexers(indexers);
    // Of all that an informer calls, only an index is done before the object can be found.
    primaryCache.addIndexers(
        Map.of(
            "onlooker",
            object -> {
              onlooker.accept(object);
              return List.of();
            }));
    cache = primaryCache;
  }

  /** An object, not to be changed. */
  public Optional<R> find(ObjectKey key) {
    IndexerResourceCache<R> current = cache;
    return current == null
        ? Optional.empty()
        : current.get(new ResourceID(key.name(), key.namespace()));
  }

  /** Objects of an index, each as it was last written here if that has not come back yet. */
  public List<R> byIndex(String index, String value) {
    IndexerResourceCache<R> current = cache;
    // The index knows only what the API server sent.
    return current == null
        ? List.of()
        : current.byIndex(index, value).stream()
            .map(known -> find(ObjectKey.of(known)).orElse(known))
            .toList();
  }

  /** All objects. */
  public Stream<R> all() {
    IndexerResourceCache<R> current = cache;
    return current == null ? Stream.empty() : current.list();
  }
}
