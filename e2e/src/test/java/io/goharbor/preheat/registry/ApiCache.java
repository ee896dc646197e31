package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A cache that is not behind: it asks the API server each time. */
final class ApiCache<R extends HasMetadata> implements IndexerResourceCache<R> {
  private final KubernetesClient client;
  private final Class<R> kind;
  private volatile List<R> known = List.of();
  private final AtomicInteger shown = new AtomicInteger();
  private final Map<String, Function<R, List<String>>> indexers = new ConcurrentHashMap<>();

  ApiCache(KubernetesClient client, Class<R> kind) {
    this.client = client;
    this.kind = kind;
  }

  @Override
  public void addIndexers(Map<String, Function<R, List<String>>> more) {
    indexers.putAll(more);
  }

  @Override
  public List<R> byIndex(String index, String value) {
    return all()
        .filter(
            object -> indexers.getOrDefault(index, any -> List.of()).apply(object).contains(value))
        .toList();
  }

  @Override
  public Optional<R> get(ResourceID id) {
    return all().filter(object -> object.getMetadata().getName().equals(id.getName())).findFirst();
  }

  @Override
  public Stream<ResourceID> keys() {
    return all().map(ResourceID::fromResource);
  }

  @Override
  public Stream<R> list(Predicate<R> which) {
    return all().filter(which);
  }

  @Override
  public Stream<R> list(String namespace, Predicate<R> which) {
    return all().filter(which);
  }

  private Stream<R> all() {
    List<R> objects = known;
    try {
      objects = client.resources(kind).inNamespace("default").list().getItems();
      known = objects;
    } catch (KubernetesClientException e) {
      // An informer shows what it knows while the API server is away.
    }
    // As an informer does, which shows what it gets to its indexes first.
    for (R object : objects) {
      for (Function<R, List<String>> indexer : indexers.values()) {
        shown.addAndGet(indexer.apply(object).size());
      }
    }
    return objects.stream();
  }
}
