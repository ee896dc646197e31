package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.client.KubernetesClient;
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
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

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

  /** A policy with what is to be asked of Harbor for it, and what was found. */
  private record Wanted(
      PreheatPolicy policy,
      Selector selector,
      boolean copies,
      Instant from,
      HarborArtifact.Detail detail,
      List<ArtifactRef> missed,
      Set<String> found) {}

  /**
   * Sweeps one registry. Each project is listed once for all policies that look at the same
   * details.
   *
   * @param since what was pushed earlier was seen by an earlier sweep
   * @return number of artifacts found
   */
  int sweep(ObjectKey registry, HarborClient harbor, Instant since, Instant now)
      throws RemoteCallException {
    forgetDeleted();
    List<Wanted> all = wanted(registry, since);
    if (all.isEmpty()) {
      return 0;
    }
    Map<String, Set<String>> known = new HashMap<>();
    try {
      for (HarborClient.Project project : harbor.projects()) {
        Map<HarborArtifact.Detail, List<Wanted>> lists =
            all.stream()
                .filter(wanted -> wanted.selector.couldMatchProject(project.name()))
                .collect(Collectors.groupingBy(Wanted::detail));
        for (Map.Entry<HarborArtifact.Detail, List<Wanted>> list : lists.entrySet()) {
          Instant from =
              list.getValue().stream()
                  .map(Wanted::from)
                  .min(Comparator.naturalOrder())
                  .orElse(since);
          harbor.artifacts(
              project.name(),
              new ArtifactQuery(null, from, true, list.getKey()),
              artifact -> {
                for (Wanted wanted : list.getValue()) {
                  look(wanted, project.name(), artifact, now, known);
                }
              });
        }
      }
    } finally {
      // What was found before Harbor failed need not wait for it.
      for (Wanted wanted : all) {
        create(wanted);
      }
    }
    return all.stream().mapToInt(wanted -> wanted.missed.size()).sum();
  }

  private void forgetDeleted() {
    Set<String> present =
        policies.all().map(policy -> policy.getMetadata().getUid()).collect(Collectors.toSet());
    remembered.keySet().retainAll(present);
  }

  private List<Wanted> wanted(ObjectKey registry, Instant since) {
    return policies
        .all()
        .filter(policy -> policy.getMetadata().getNamespace().equals(registry.namespace()))
        .filter(policy -> policy.getSpec().harborRef().name().equals(registry.name()))
        .filter(policy -> !policy.getSpec().suspended())
        .filter(policy -> !events(policy).isEmpty())
        .flatMap(policy -> wanted(policy, since).stream())
        .toList();
  }

  private static Set<EventTrigger> events(PreheatPolicy policy) {
    return policy.getSpec().triggers() == null || policy.getSpec().triggers().events() == null
        ? Set.of()
        : Set.copyOf(policy.getSpec().triggers().events());
  }

  private static Optional<Wanted> wanted(PreheatPolicy policy, Instant since) {
    Selector selector;
    try {
      selector = Selector.compile(policy.getSpec().selector());
    } catch (IllegalArgumentException e) {
      // The policy's own condition says what is wrong with it.
      return Optional.empty();
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
    return Optional.of(
        new Wanted(
            policy,
            selector,
            copies,
            pushOnly && since.isAfter(created) ? since : created,
            new HarborArtifact.Detail(
                selector.needs().labels(),
                selector.needs().signatures() || copies,
                selector.needs().scan()),
            new ArrayList<>(),
            new HashSet<>()));
  }

  private void look(
      Wanted wanted,
      String project,
      HarborArtifact artifact,
      Instant now,
      Map<String, Set<String>> knownByPolicy) {
    String repository = project + "/" + artifact.repository();
    Instant pushed = artifact.pushTime();
    if ((pushed != null
            && (pushed.isAfter(now.minus(TOO_YOUNG))
                // Harbor is asked in whole seconds.
                || pushed.isBefore(wanted.from.truncatedTo(ChronoUnit.SECONDS))))
        || !wanted.selector.couldMatch(project, artifact.repository(), null)) {
      return;
    }
    Set<String> known =
        knownByPolicy.computeIfAbsent(
            wanted.policy.getMetadata().getUid(), uid -> known(wanted.policy, wanted.selector));
    List<String> parts = new ArrayList<>(List.of(artifact.digest()));
    if (wanted.copies) {
      parts.addAll(artifact.nydusCopies());
    }
    List<String> unknown =
        parts.stream().filter(part -> !known.contains(repository + "@" + part)).toList();
    if (!unknown.isEmpty()
        && wanted.selector.decide(artifact.candidate(artifact.tags()), now)
            instanceof Decision.Matched matched) {
      // The artifact itself comes with its copies; a copy of it leads planning back to it.
      boolean itself = unknown.getFirst().equals(artifact.digest());
      wanted.missed.add(
          new ArtifactRef(
              repository, itself ? matched.tags().getFirst() : null, unknown.getFirst()));
      unknown.forEach(part -> wanted.found.add(repository + "@" + part));
    }
  }

  private void create(Wanted wanted) {
    List<ArtifactRef> missed = wanted.missed;
    for (int start = 0; start < missed.size(); start += BATCH) {
      create(wanted.policy, missed.subList(start, Math.min(missed.size(), start + BATCH)));
    }
    if (!missed.isEmpty()) {
      remembered
          .computeIfAbsent(
              wanted.policy.getMetadata().getUid(), uid -> ConcurrentHashMap.newKeySet())
          .addAll(wanted.found);
    }
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
    ExecutionCreation.create(
        client, ExecutionFactory.of(policy, Trigger.CATCH_UP, artifacts.toString(), artifacts));
  }
}
