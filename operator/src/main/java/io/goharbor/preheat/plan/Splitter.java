package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes parts of a run while its artifacts come in, so that no more of them are held than fill one
 * part for each provider. After a crash the same artifacts come in again; those that have a part
 * are left out.
 */
public final class Splitter {
  /** Where a part goes. */
  @FunctionalInterface
  public interface Store {
    /** Stores it; once that returns it is there for good. */
    void store(PreheatExecution part);
  }

  private record Batch(List<ArtifactRef> artifacts, int[] room) {}

  private final PreheatExecution whole;
  private final Run run;
  private final Store store;
  private final Set<String> covered = new HashSet<>();
  private final Map<ObjectKey, Batch> open = new LinkedHashMap<>();
  private int parts;
  private int last;

  /**
   * A splitter.
   *
   * @param existing parts that an earlier attempt made
   */
  public Splitter(PreheatExecution whole, Run run, List<PreheatExecution> existing, Store store) {
    this.whole = whole;
    this.run = run;
    this.store = store;
    for (PreheatExecution part : existing) {
      parts++;
      last = Math.max(last, Parts.number(part));
      ObjectKey provider = Parts.provider(part);
      if (part.getSpec().artifacts() != null) {
        part.getSpec()
            .artifacts()
            .forEach(ref -> covered.add(key(provider, ref.repository(), ref.digest() + "")));
      }
    }
  }

  /** Parts so far. */
  int parts() {
    return parts;
  }

  /** Takes an artifact for every provider of the run. */
  void take(Selected selected, int room) {
    ArtifactRef ref = StatusSizeEstimator.ref(selected);
    for (ObjectKey provider : run.providers()) {
      take(provider, ref, room);
    }
  }

  /** Takes an artifact for one provider. */
  void take(ObjectKey provider, ArtifactRef ref, int room) {
    if (!covered.add(key(provider, ref.repository(), ref.digest() + ""))) {
      return;
    }
    Batch batch = open.computeIfAbsent(provider, key -> new Batch(new ArrayList<>(), new int[1]));
    boolean full =
        batch.room()[0] + room > StatusSizeEstimator.MOST
            || batch.artifacts().size() == Parts.MOST_ARTIFACTS;
    if (full && !batch.artifacts().isEmpty()) {
      flush(provider, batch);
    }
    batch.artifacts().add(ref);
    batch.room()[0] += room;
  }

  /** Makes the last parts; gives how many there are in all. */
  int finish() {
    open.forEach((provider, batch) -> {
      if (!batch.artifacts().isEmpty()) {
        flush(provider, batch);
      }
    });
    return parts;
  }

  private void flush(ObjectKey provider, Batch batch) {
    store.store(Parts.make(whole, run, ++last, provider, List.copyOf(batch.artifacts())));
    parts++;
    batch.artifacts().clear();
    batch.room()[0] = 0;
  }

  private static String key(ObjectKey provider, String repository, String digest) {
    return PlanBuilder.hash(repository + "@" + digest + " " + provider);
  }
}
