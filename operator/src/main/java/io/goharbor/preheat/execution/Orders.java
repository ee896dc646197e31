package io.goharbor.preheat.execution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.provider.DedupKey;
import io.goharbor.preheat.provider.OrderSource;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Turns tasks into what lanes and drivers work with. */
final class Orders {
  private final HarborClients harbors;
  private final Manifests manifests;
  private final Cache<String, Remainder> remainders =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofHours(6)).build();

  Orders(HarborClients harbors, Manifests manifests) {
    this.harbors = harbors;
    this.manifests = manifests;
  }

  /** The ticket of a task. */
  static Ticket ticket(String executionUid, Run run, TaskStatus task) {
    return ticket(
        executionUid,
        DedupKey.Source.of(run.registry(), run.harbor()),
        run.operation(),
        run.target(),
        task);
  }

  private static Ticket ticket(
      String executionUid,
      DedupKey.Source source,
      Operation operation,
      Target target,
      TaskStatus task) {
    return new Ticket(
        executionUid + "/" + task.id(),
        new DedupKey(source, operation, task.repository(), task.digest(), target),
        task.attempts() > 0);
  }

  /** The tickets of tasks that a provider is, or may be, working on, by what stands in statuses. */
  static List<Ticket> inFlight(
      Stream<PreheatExecution> executions,
      ObjectKey provider,
      Function<ObjectKey, DedupKey.Source> sources) {
    return executions
        // What ended is packed, and holds nothing.
        .filter(execution -> !(execution instanceof PackedExecution) && !Parts.ended(execution))
        .flatMap(execution -> inFlight(execution, provider.toString(), sources))
        .toList();
  }

  private static Stream<Ticket> inFlight(
      PreheatExecution execution, String provider, Function<ObjectKey, DedupKey.Source> sources) {
    PreheatExecutionStatus status = Parts.status(execution);
    if (status.settings() == null || status.settings().harborRef() == null) {
      return Stream.empty();
    }
    DedupKey.Source source =
        sources.apply(
            new ObjectKey(execution.getMetadata().getNamespace(), status.settings().harborRef()));
    return status.taskList().stream()
        .filter(task -> task.state().inFlight() && task.provider().equals(provider))
        .map(task ->
            ticket(
                execution.getMetadata().getUid(),
                source,
                execution.getSpec().effectiveOperation(),
                status.settings().target(),
                task));
  }

  /** Keeps in mind what an attempt left undone, for the next one. */
  void remember(String executionUid, String taskId, int attempt, Remainder remainder) {
    remainders.put(remainderKey(executionUid, taskId, attempt + 1), remainder);
  }

  private static String remainderKey(String executionUid, String taskId, int attempt) {
    return executionUid + "/" + taskId + "/" + attempt;
  }

  /** Makes the order of a task's present attempt when it is needed. */
  OrderSource source(String executionUid, Run run, TaskStatus task) {
    int attempt = task.attempts();
    return () -> order(executionUid, run, task, attempt);
  }

  private PreheatOrder order(String executionUid, Run run, TaskStatus task, int attempt)
      throws RemoteCallException {
    HarborClient harbor = harbor(run);
    int slash = task.repository().indexOf('/');
    String project = task.repository().substring(0, slash);
    String repository = task.repository().substring(slash + 1);
    ImageManifest manifest =
        manifests
            .get(run.registry(), harbor, run.harbor().pullUrl(), project, repository, task.digest())
            .orElseThrow(() ->
                new RemoteCallException(
                    FailureClass.PERMANENT,
                    Reason.ARTIFACT_NOT_FOUND,
                    404,
                    "Harbor no longer has " + task.repository() + "@" + task.digest(),
                    null,
                    false,
                    null));
    return new PreheatOrder(
        "hpo-" + PlanBuilder.hash(executionUid) + "-" + task.id() + "-" + attempt,
        manifest,
        null,
        task.platform(),
        run.target(),
        run.jobLimit(),
        () -> harbor(run).pullAuthorization(project, repository),
        remainders.getIfPresent(remainderKey(executionUid, task.id(), attempt)),
        task.startTime() == null ? Instant.EPOCH : task.startTime());
  }

  /** The registry's client, with its present credentials. */
  HarborClient harbor(Run run) throws RemoteCallException {
    try {
      return harbors.get(run.registry(), run.harbor());
    } catch (SecretMissingException e) {
      throw notUsable(e.reason(), e.describe(), e);
    } catch (InvalidSpecException e) {
      throw notUsable(
          Reason.INVALID_SPEC, "HarborRegistry " + run.registry() + ", " + e.describe(), e);
    } catch (HttpClients.TlsSettingsException e) {
      throw notUsable(Reason.INVALID_SPEC, String.valueOf(e.getMessage()), e);
    }
  }

  private static RemoteCallException notUsable(Reason reason, String message, Exception cause) {
    // The registry is at fault, not the task: wait until somebody mends it.
    return new RemoteCallException(
        FailureClass.WAIT, reason, 0, message, Duration.ofSeconds(15), false, cause);
  }
}
