package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.engine.TaskDirectory;
import io.goharbor.preheat.engine.TaskEvent;
import io.goharbor.preheat.engine.TaskKey;
import io.goharbor.preheat.engine.Work;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.plan.Manifests;
import io.goharbor.preheat.plan.Parts;
import io.goharbor.preheat.plan.PlanBuilder;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the engine asks of tasks, and where it tells what happened to them. */
public final class TaskOrders implements TaskDirectory {
  private final HarborClients harbors;
  private final Function<ObjectKey, Optional<HarborRegistrySpec>> registries;
  private final Supplier<Stream<PreheatExecution>> executions;
  private final Wakeups wakeups;
  private final Manifests manifests = new Manifests();
  private final Inbox inbox = new Inbox();
  private final Cache<TaskKey, Remainder> remainders =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(6)).build();

  /**
   * By what there is at the moment of use.
   *
   * @param registries finds the spec of a registry
   * @param executions all that there are, as they are known
   */
  public TaskOrders(
      HarborClients harbors,
      Function<ObjectKey, Optional<HarborRegistrySpec>> registries,
      Supplier<Stream<PreheatExecution>> executions,
      Wakeups wakeups) {
    this.harbors = harbors;
    this.registries = registries;
    this.executions = executions;
    this.wakeups = wakeups;
  }

  Inbox inbox() {
    return inbox;
  }

  Manifests manifests() {
    return manifests;
  }

  @Override
  public Stream<Work> inFlight(ObjectKey provider) {
    return executions
        .get()
        // What ended is packed, and has nothing in flight.
        .filter(execution -> !(execution instanceof PackedExecution) && !Parts.ended(execution))
        .flatMap(execution -> TaskWork.ofStored(execution, this::source).stream())
        .flatMap(work -> work.inFlight(provider).stream())
        .map(Work.InFlight::work);
  }

  private DedupKey.Source source(ObjectKey registry) {
    return registries
        .apply(registry)
        .map(spec -> DedupKey.Source.of(registry, spec))
        .orElseGet(() -> DedupKey.Source.gone(registry));
  }

  @Override
  public void happened(TaskEvent event) {
    remember(event);
    inbox.put(event.key().execution(), event);
    wake(event.key().execution());
  }

  @Override
  public void wake(ObjectKey execution) {
    wakeups.wake(execution);
  }

  /** Keeps in mind what an attempt left undone, for the next one. */
  private void remember(TaskEvent event) {
    Observation observation =
        switch (event) {
          case TaskEvent.Seen seen -> seen.observation();
          case TaskEvent.Sent sent ->
              sent.outcome() instanceof Submission.Concluded concluded ? concluded.outcome() : null;
        };
    if (observation instanceof Observation.Finished finished
        && finished.warmth().remainder() != null) {
      TaskKey key = event.key();
      remainders.put(
          new TaskKey(key.execution(), key.uid(), key.task(), key.attempt() + 1),
          finished.warmth().remainder());
    }
  }

  @Override
  public PreheatOrder order(Work work) throws RemoteCallException {
    ObjectKey registry = work.dedupKey().source().registry();
    HarborRegistrySpec spec = spec(registry);
    HarborClient harbor = harbor(registry, spec);
    int slash = work.dedupKey().repository().indexOf('/');
    String project = work.dedupKey().repository().substring(0, slash);
    String repository = work.dedupKey().repository().substring(slash + 1);
    String digest = work.dedupKey().digest();
    ImageManifest manifest =
        manifests
            .get(registry, harbor, spec.pullUrl(), project, repository, digest)
            .orElseThrow(() ->
                new RemoteCallException(
                    FailureClass.PERMANENT,
                    Reason.ARTIFACT_NOT_FOUND,
                    404,
                    "Harbor no longer has " + work.dedupKey().repository() + "@" + digest,
                    null,
                    false,
                    null));
    TaskKey key = work.key();
    return new PreheatOrder(
        "hpo-" + PlanBuilder.hash(key.uid()) + "-" + key.task() + "-" + key.attempt(),
        manifest,
        null,
        work.platform(),
        work.dedupKey().target(),
        work.timeLimit(),
        () -> harbor(registry, spec(registry)).pullAuthorization(project, repository),
        remainders.getIfPresent(key),
        work.started());
  }

  private HarborRegistrySpec spec(ObjectKey registry) throws RemoteCallException {
    return registries
        .apply(registry)
        .orElseThrow(() ->
            notUsable(
                Reason.REGISTRY_NOT_FOUND, "HarborRegistry " + registry + " does not exist", null));
  }

  /** A registry's client, with its present credentials. */
  HarborClient harbor(ObjectKey registry, HarborRegistrySpec spec) throws RemoteCallException {
    try {
      return harbors.get(registry, spec);
    } catch (SecretMissingException e) {
      throw notUsable(e.reason(), e.describe(), e);
    } catch (InvalidSpecException e) {
      throw notUsable(Reason.INVALID_SPEC, "HarborRegistry " + registry + ", " + e.describe(), e);
    } catch (HttpClients.TlsSettingsException e) {
      throw notUsable(Reason.INVALID_SPEC, String.valueOf(e.getMessage()), e);
    }
  }

  private static RemoteCallException notUsable(
      Reason reason, String message, @Nullable Exception cause) {
    // The registry is at fault, not the task: wait until somebody mends it.
    return new RemoteCallException(
        FailureClass.WAIT, reason, 0, message, Duration.ofSeconds(15), false, cause);
  }
}
