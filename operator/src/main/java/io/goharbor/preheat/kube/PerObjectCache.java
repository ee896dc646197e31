package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values kept in memory for objects. An object that is created again under an old name has another
 * UID, and gets nothing of its predecessor's. Bounded: beyond 50,000 objects some are dropped.
 *
 * @param <T> the value for each object
 */
public final class PerObjectCache<T> {
  private record Entry<T>(@Nullable String uid, T value) {}

  private static final long MOST = 50_000;

  private final Cache<ObjectKey, Entry<T>> entries =
      Caffeine.newBuilder().maximumSize(MOST).build();

  /** The value of an object. */
  public Optional<T> find(HasMetadata object) {
    Entry<T> entry = entries.getIfPresent(ObjectKey.of(object));
    return entry != null && Objects.equals(entry.uid(), object.getMetadata().getUid())
        ? Optional.of(entry.value())
        : Optional.empty();
  }

  /** The value of an object; it is set to the first one when there is none yet. */
  public T get(HasMetadata object, Supplier<T> first) {
    String uid = object.getMetadata().getUid();
    return entries
        .asMap()
        .compute(
            ObjectKey.of(object),
            (key, entry) ->
                entry != null && Objects.equals(entry.uid(), uid)
                    ? entry
                    : new Entry<>(uid, first.get()))
        .value();
  }

  /** Sets the value of an object. */
  public void put(HasMetadata object, T value) {
    entries.put(ObjectKey.of(object), new Entry<>(object.getMetadata().getUid(), value));
  }

  /** Drops the value of an object. */
  public void forget(ObjectKey object) {
    entries.invalidate(object);
  }
}
