package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An informer's cache that holds what a test puts into it. */
public final class ListedCache<R extends HasMetadata> implements IndexerResourceCache<R> {
  private final Map<ResourceID, R> objects = new HashMap<>();
  private final Map<String, Function<R, List<String>>> indexers = new HashMap<>();

  /** Puts an object in, or in place of what it was. */
  public void put(R object) {
    objects.put(ResourceID.fromResource(object), object);
  }

  /** Takes an object out. */
  public void remove(R object) {
    objects.remove(ResourceID.fromResource(object));
  }

  @Override
  public void addIndexers(Map<String, Function<R, List<String>>> more) {
    indexers.putAll(more);
  }

  @Override
  public List<R> byIndex(String indexName, String indexKey) {
    Function<R, List<String>> index = Objects.requireNonNull(indexers.get(indexName));
    return objects.values().stream()
        .filter(object -> index.apply(object).contains(indexKey))
        .toList();
  }

  @Override
  public Optional<R> get(ResourceID resource) {
    return Optional.ofNullable(objects.get(resource));
  }

  @Override
  public Stream<ResourceID> keys() {
    return objects.keySet().stream();
  }

  @Override
  public Stream<R> list(Predicate<R> predicate) {
    return objects.values().stream().filter(predicate);
  }

  @Override
  public Stream<R> list(String namespace, Predicate<R> predicate) {
    return list(predicate).filter(object -> object.getMetadata().getNamespace().equals(namespace));
  }
}
