package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Which objects of a namespace a limit lets through: the oldest, by what the cache has. */
public final class Seniority {
  /** Index of objects by their namespace. */
  public static final String BY_NAMESPACE = "seniority";

  /** The oldest first; of one second, by name. */
  public static final Comparator<HasMetadata> OLDEST_FIRST =
      Comparator.<HasMetadata, String>comparing(
              // All are UTC, in one format.
              object -> Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), ""))
          .thenComparing(object -> object.getMetadata().getName());

  private Seniority() {}

  /** What the index holds of an object. */
  public static List<String> namespace(HasMetadata object) {
    return List.of(object.getMetadata().getNamespace());
  }

  /**
   * Whether an object is among the oldest of its namespace. Those that are being deleted count no
   * more.
   *
   * @param store with the index {@link #BY_NAMESPACE}
   * @param most how many the limit lets through
   */
  public static <R extends HasMetadata> boolean among(ResourceStore<R> store, R object, int most) {
    return store.byIndex(BY_NAMESPACE, object.getMetadata().getNamespace()).stream()
            .filter(other -> !other.isMarkedForDeletion())
            .filter(other -> OLDEST_FIRST.compare(other, object) < 0)
            .limit(most)
            .count()
        < most;
  }
}
