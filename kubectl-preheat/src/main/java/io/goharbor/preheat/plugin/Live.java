package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.goharbor.preheat.kube.NamedResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Objects that are kept up to date by watches; the API is never polled. */
final class Live implements AutoCloseable {
  private final Cluster cluster;
  private final List<SharedIndexInformer<?>> watches = new ArrayList<>();
  private final Semaphore changes = new Semaphore(0);

  Live(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Lists a kind and watches it from then on.
   *
   * @param namespace null: in all namespaces
   * @param name null: all of them
   */
  <T extends HasMetadata> SharedIndexInformer<T> follow(
      Class<T> kind, @Nullable String namespace, @Nullable String name) throws PluginFailure {
    SharedIndexInformer<T> watch =
        cluster.ask(api -> {
          var all = api.resources(kind);
          return namespace == null
              ? all.inAnyNamespace().inform(new Signal<>())
              : name == null
                  ? NamedResources.in(all, namespace).inform(new Signal<>())
                  : NamedResources.of(all, namespace, name).inform(new Signal<>());
        });
    watches.add(watch);
    return watch;
  }

  /** Waits until something changed, at most so long; several changes at once count as one. */
  boolean await(Duration limit) throws InterruptedException {
    boolean changed = changes.tryAcquire(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
    changes.drainPermits();
    return changed;
  }

  @Override
  public void close() {
    watches.forEach(SharedIndexInformer::stop);
  }

  private final class Signal<T> implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      changes.release();
    }

    @Override
    public void onUpdate(T before, T after) {
      changes.release();
    }

    @Override
    public void onDelete(T object, boolean stateUnknown) {
      changes.release();
    }
  }
}
