package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.matching.Decision;
import io.goharbor.preheat.matching.Selector;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds what no webhook told: artifacts that a policy with events selects, pushed since the policy
 * exists, and that none of its executions is about. What is listed is narrowed by push time, but
 * for policies that look at labels, scans or signatures: these change without a push. So do Nydus
 * copies, of which those are found that are attached to a listed artifact; what is attached to a
 * manifest of an index is left to its webhook, for finding it takes a request for each. What was
 * found once is remembered in memory beside the executions; after a restart it may be preheated
 * once more, which costs little where the peers hold it.
 */
public final class CatchUp {
  private static final int BATCH = 200;

  /** What was pushed just now is left to its webhook, which may be under way. */
  private static final Duration TOO_YOUNG = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final ResourceStore<PreheatPolicy> policies;
  private final ResourceStore<PreheatExecution> executions;
  private final ConcurrentHashMap<String, Set<String>> remembered = new ConcurrentHashMap<>();

  /** Sweeps for the given policies. */
  public CatchUp(
      KubernetesClient client,
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<PreheatExecution> executions) {
    this.client = client;
    this.policies = policies;
    this.executions = executions;
  }

  /**
   * Sweeps one registry.
   *
   * @param since what was pushed earlier was seen by an earlier sweep
   * @return number of artifacts found
   */
  int sweep(ObjectKey registry, HarborClient harbor, Instant since, Instant now)
      throws RemoteCallException {
    int found = 0;
    for (PreheatPolicy policy : concerned(registry)) {
      found += sweep(policy, harbor, since, now);
    }
    return found;
  }

  private List<PreheatPolicy> concerned(ObjectKey registry) {
    return policies
        .all()
        .filter(policy -> policy.getMetadata().getNamespace().equals(registry.namespace()))
        .filter(policy -> policy.getSpec().harborRef().name().equals(registry.name()))
        .filter(policy -> !policy.getSpec().suspended())
        .filter(policy -> !events(policy).isEmpty())
        .toList();
  }

  private static Set<EventTrigger> events(PreheatPolicy policy) {
    return policy.getSpec().triggers() == null || policy.getSpec().triggers().events() == null
        ? Set.of()
        : Set.copyOf(policy.getSpec().triggers().events());
  }

  private int sweep(PreheatPolicy policy, HarborClient harbor, Instant since, Instant now)
      throws RemoteCallException {
    Selector selector;
    try {
      selector = Selector.compile(policy.getSpec().selector());
    } catch (IllegalArgumentException e) {
      // The policy's own condition says what is wrong with it.
      return 0;
    }
    Instant created = Instant.parse(policy.getMetadata().getCreationTimestamp());
    boolean copies =
        policy.getSpec().accessories() != null
            && policy.getSpec().accessories().contains(AccessoryKind.NYDUS);
    // What is attached comes without a push of what it is attached to.
    boolean pushOnly =
        events(policy).equals(Set.of(EventTrigger.PUSHED))
            && !copies
            && !selector.needs().signatures();
    Instant from = pushOnly && since.isAfter(created) ? since : created;
    HarborArtifact.Detail detail =
        new HarborArtifact.Detail(
            selector.needs().labels(),
            selector.needs().signatures() || copies,
            selector.needs().scan());
    Set<String> known = known(policy, selector);
    List<ArtifactRef> missed = new ArrayList<>();
    Set<String> found = new HashSet<>();
    for (HarborClient.Project project : harbor.projects()) {
      if (!selector.couldMatchProject(project.name())) {
        continue;
      }
      harbor.artifacts(
          project.name(),
          new ArtifactQuery(null, from, true, detail),
          artifact -> {
            String repository = project.name() + "/" + artifact.repository();
            boolean young =
                artifact.pushTime() != null && artifact.pushTime().isAfter(now.minus(TOO_YOUNG));
            List<String> parts = new ArrayList<>(List.of(artifact.digest()));
            if (copies) {
              parts.addAll(artifact.nydusCopies());
            }
            List<String> unknown =
                parts.stream().filter(part -> !known.contains(repository + "@" + part)).toList();
            if (!young
                && !unknown.isEmpty()
                && selector.decide(artifact.candidate(artifact.tags()), now)
                    instanceof Decision.Matched matched) {
              // The artifact itself comes with its copies; a copy of it leads planning back to it.
              boolean itself = unknown.getFirst().equals(artifact.digest());
              missed.add(
                  new ArtifactRef(
                      repository, itself ? matched.tags().getFirst() : null, unknown.getFirst()));
              unknown.forEach(part -> found.add(repository + "@" + part));
            }
          });
    }
    for (int start = 0; start < missed.size(); start += BATCH) {
      create(policy, missed.subList(start, Math.min(missed.size(), start + BATCH)));
    }
    known.addAll(found);
    return missed.size();
  }

  /**
   * What the policy's executions are about, by digest. Where the selector looks at what can change
   * without a push, those that came to nothing do not count: they may be selected by now.
   */
  private Set<String> known(PreheatPolicy policy, Selector selector) {
    Selector.Needs needs = selector.needs();
    boolean changes = needs.labels() || needs.signatures() || needs.scan();
    Set<String> known =
        remembered.computeIfAbsent(
            policy.getMetadata().getUid(), uid -> ConcurrentHashMap.newKeySet());
    for (PreheatExecution execution :
        executions.byIndex(ExecutionReconciler.BY_POLICY, ObjectKey.of(policy).toString())) {
      if (execution.getSpec().artifacts() != null) {
        for (ArtifactRef artifact : execution.getSpec().artifacts()) {
          if (!changes || !cameToNothing(execution, artifact)) {
            known.add(artifact.repository() + "@" + artifact.digest());
          }
        }
      }
    }
    return known;
  }

  /** Whether a run ended without a task for an artifact; those of an index have other digests. */
  private static boolean cameToNothing(PreheatExecution execution, ArtifactRef artifact) {
    PreheatExecutionStatus status = execution.getStatus();
    return status != null
        && status.effectivePhase().terminal()
        // What was split had something to do.
        && status.parts() == null
        && status.taskList().stream()
            .filter(task -> task.repository().equals(artifact.repository()))
            .noneMatch(task ->
                task.digest().equals(artifact.digest())
                    || artifact.tag() == null
                    || tags(task).contains(artifact.tag()));
  }

  private static List<String> tags(TaskStatus task) {
    return List.of(task.artifact().substring(task.artifact().indexOf(':') + 1).split(",", -1));
  }

  private void create(PreheatPolicy policy, List<ArtifactRef> artifacts) {
    PreheatExecution execution =
        ExecutionFactory.of(policy, Trigger.CATCH_UP, artifacts.toString(), artifacts);
    try {
      client.resource(execution).create();
    } catch (KubernetesClientException e) {
      // A quota that changes at the same time is a 409 too.
      if (e.getStatus() == null || !"AlreadyExists".equals(e.getStatus().getReason())) {
        throw e;
      }
    }
  }
}
