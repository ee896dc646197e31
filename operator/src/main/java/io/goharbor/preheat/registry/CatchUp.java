package io.goharbor.preheat.registry;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistryStatus.SweepPass;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicyStatus.KnownSelection;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.policy.Denial;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what no webhook told: artifacts that a policy with events selects since the policy exists,
 * and that none of its executions is about. Each sweep makes two passes over Harbor's artifacts:
 * one over what was pushed since the last sweep, and a slice of one over all, for tags, labels,
 * signatures and scans change without a push. Of Nydus copies those are found that are attached to
 * a listed artifact; what is attached to a manifest of an index is left to its webhook, for finding
 * it takes a request for each.
 *
 * <p>A pass is in the registry's status, and is moved on only over what is stored: who is killed,
 * or loses Harbor or the API server, looks again at what it cannot be sure of, and finds the
 * executions that it made.
 */
public final class CatchUp {
  private static final Logger log = LoggerFactory.getLogger(CatchUp.class);
  private static final int BATCH = 200;

  /**
   * Creates for what is found for one policy that the cluster may deny. One bad artifact among two
   * hundred is found with sixteen.
   */
  private static final int MOST_DENIED = 16;

  /** What changed just now is left to its webhook, which may be under way. */
  private static final Duration TOO_YOUNG = Duration.ofSeconds(30);

  /** Harbor dates a push before it shows it. */
  private static final Duration OVERLAP = Duration.ofMinutes(2);

  /** How far a sweep is. */
  record Progress(SweepPass pushes, SweepPass changes) {}

  /**
   * When a sweep begins.
   *
   * @param harbor by Harbor's clock
   * @param ahead how far Harbor's clock is ahead of the cluster's
   * @param safe nothing that Harbor dates earlier can be new, whatever its clock did meanwhile
   */
  record Start(Instant harbor, Duration ahead, Instant safe) {}

  /**
   * What came of a sweep.
   *
   * @param found number of artifacts for which executions were made
   * @param failure what ended it early; null: nothing did
   */
  record Outcome(Progress progress, int found, @Nullable RemoteCallException failure) {}

  private final KubernetesClient client;
  private final ResourceStore<PreheatExecution> executions;
  private final ExecutionCreation creation;
  private final PolicyMemories memories;

  /** Sweeps for the given policies. */
  public CatchUp(
      KubernetesClient client,
      ResourceStore<PreheatPolicy> policies,
      ResourceStore<PreheatExecution> executions,
      ExecutionCreation creation) {
    this.client = client;
    this.creation = creation;
    this.executions = executions;
    this.memories = new PolicyMemories(policies);
  }

  /**
   * Whether a policy must not wait for the next sweep, since it can tell changes only from then.
   */
  boolean isAwaited(ObjectKey registry, Progress progress) {
    return progress.changes().began() == null && memories.isPassAwaited(registry);
  }

  /**
   * Sweeps one registry, as far as the allowance goes. Each project is listed once for all
   * policies.
   *
   * @param before both passes have a time until which all was seen
   */
  Outcome sweep(
      ObjectKey registry, HarborClient harbor, Progress before, Start start, RequestBudget budget) {
    memories.forgetDeleted();
    List<MissedArtifacts> all =
        memories.of(registry).stream()
            .map(memory -> new MissedArtifacts(memory, executions))
            .toList();
    SweepPass pushes = begun(before.pushes(), start);
    SweepPass changes = begun(before.changes(), start);
    Instant pushesBegan = pushes.began() == null ? start.harbor() : pushes.began();
    Instant changesBegan = changes.began() == null ? start.harbor() : changes.began();
    Backlog pushesLeft = new Backlog(before.pushes(), start.harbor());
    Backlog changesLeft = new Backlog(before.changes(), start.harbor());
    RemoteCallException failure = null;
    try {
      Projects projects = Projects.of(harbor, all);
      ArtifactWalk recent =
          new ArtifactWalk(harbor, projects.details(), budget, pushesLeft, pushes);
      Instant pushedSince = since(before.pushes(), start);
      try {
        recent.go(
            pushedSince,
            project -> projects.from(project, pushedSince, pushesLeft),
            projects.looking(pushedSince, pushesLeft, start));
      } finally {
        pushes = recent.at();
      }
      if (recent.ended()) {
        if (before.changes().began() == null) {
          Instant began = start.harbor();
          all.forEach(findings -> findings.memory().passBegins(began));
        }
        ArtifactWalk whole =
            new ArtifactWalk(harbor, projects.details(), budget, changesLeft, changes);
        Instant changedSince = since(before.changes(), start);
        try {
          whole.go(changedSince, null, projects.looking(changedSince, changesLeft, start));
        } finally {
          changes = whole.at();
        }
      }
    } catch (RemoteCallException e) {
      // What was found before Harbor failed need not wait for it.
      failure = e;
    }
    int found = 0;
    for (MissedArtifacts findings : all) {
      Stored stored = store(findings);
      found += stored.artifacts();
      Denial denial = stored.denial();
      if (denial != null) {
        String name = findings.memory().policy().policy().getMetadata().getName();
        pushesLeft.leavePolicy(name, since(before.pushes(), start), denial.words());
        changesLeft.leavePolicy(name, since(before.changes(), start), denial.words());
      }
    }
    if (changes.began() == null) {
      Instant ended = changes.seenUntil();
      all.forEach(findings -> findings.memory().passEnds(ended == null ? start.harbor() : ended));
    }
    for (MissedArtifacts findings : all) {
      keep(findings.memory());
    }
    return new Outcome(
        new Progress(pushesLeft.of(pushes, pushesBegan), changesLeft.of(changes, changesBegan)),
        found,
        failure);
  }

  private static SweepPass begun(SweepPass pass, Start start) {
    return pass.began() != null
        ? pass
        : new SweepPass(pass.seenUntil(), start.harbor(), null, null, null);
  }

  private static Instant since(SweepPass pass, Start start) {
    Instant seen = pass.seenUntil() == null ? start.safe() : pass.seenUntil();
    return (seen.isBefore(start.safe()) ? seen : start.safe()).minus(OVERLAP);
  }

  /**
   * The projects that policies select from.
   *
   * @param details what is to be asked of each
   * @param policies those of each
   */
  private record Projects(
      TreeMap<String, HarborArtifact.Detail> details, Map<String, List<MissedArtifacts>> policies) {

    static Projects of(HarborClient harbor, List<MissedArtifacts> all) throws RemoteCallException {
      Projects projects = new Projects(new TreeMap<>(), new TreeMap<>());
      if (all.isEmpty()) {
        return projects;
      }
      for (HarborClient.Project project : harbor.projects()) {
        List<MissedArtifacts> selecting = new ArrayList<>();
        HarborArtifact.Detail detail = HarborArtifact.Detail.BASIC;
        for (MissedArtifacts findings : all) {
          SweptPolicy policy = findings.memory().policy();
          if (policy.selector().couldMatchProject(project.name())) {
            selecting.add(findings);
            detail = detail.and(policy.detail());
          }
        }
        if (!selecting.isEmpty()) {
          projects.details.put(project.name(), detail);
          projects.policies.put(project.name(), selecting);
        }
      }
      return projects;
    }

    /** From when on a project is to be checked for the policy that goes back furthest. */
    Instant from(String project, Instant pass, Backlog backlog) {
      Instant from = backlog.ofProject(project, pass);
      for (MissedArtifacts findings : policies.getOrDefault(project, List.of())) {
        from = backlog.ofPolicy(findings.memory().policy().policy().getMetadata().getName(), from);
      }
      return from;
    }

    ArtifactWalk.Sink looking(Instant pass, Backlog backlog, Start start) {
      Instant until = start.harbor().minus(TOO_YOUNG);
      return (project, artifacts) -> {
        Instant ofProject = backlog.ofProject(project, pass);
        for (MissedArtifacts findings : policies.getOrDefault(project, List.of())) {
          Instant since =
              backlog.ofPolicy(
                  findings.memory().policy().policy().getMetadata().getName(), ofProject);
          // The cluster tells whole seconds, rounded down.
          Instant created = findings.memory().policy().created().plus(start.ahead());
          MissedArtifactDetector.Period period =
              new MissedArtifactDetector.Period(
                  created.isAfter(since) ? created : since, until, start.harbor());
          artifacts.forEach(artifact -> findings.look(artifact, period));
        }
      };
    }
  }

  /**
   * What came of what was missed.
   *
   * @param artifacts number of those for which executions were made
   * @param denial what stood in the way of the others; null: there are none
   */
  private record Stored(int artifacts, @Nullable Denial denial) {}

  /**
   * Makes the executions for what was missed, and only then remembers it. What the cluster denies
   * for its content is halved until the bad one stands alone, as events are.
   */
  private Stored store(MissedArtifacts findings) {
    PreheatPolicy policy = findings.memory().policy().policy();
    Deque<List<ArtifactRef>> batches = new ArrayDeque<>();
    List<ArtifactRef> missed = findings.missed();
    for (int start = 0; start < missed.size(); start += BATCH) {
      batches.add(missed.subList(start, Math.min(missed.size(), start + BATCH)));
    }
    int stored = 0;
    int denied = 0;
    Denial last = null;
    while (!batches.isEmpty()) {
      List<ArtifactRef> batch = batches.remove();
      try {
        creation.create(ExecutionFactory.of(policy, Trigger.CATCH_UP, batch.toString(), batch));
        stored += batch.size();
        findings.memory().find(findings.keys(batch));
      } catch (ExecutionCreation.NameTakenException e) {
        // One object of somebody must not hold up all else for ever.
        log.atWarn()
            .addKeyValue("policy", ObjectKey.of(policy))
            .addKeyValue("artifacts", batch.size())
            .log("Missed artifacts are left out: {}", e.getMessage());
        findings.memory().find(findings.keys(batch));
      } catch (KubernetesClientException e) {
        last = Denial.of(e).orElseThrow(() -> e);
        denied++;
        if (!last.ofContent() || denied >= MOST_DENIED) {
          break;
        }
        if (batch.size() > 1) {
          batches.addFirst(batch.subList(batch.size() / 2, batch.size()));
          batches.addFirst(batch.subList(0, batch.size() / 2));
        }
      }
    }
    return new Stored(stored, last);
  }

  /** Writes down what must outlive the operator. */
  private void keep(PolicyMemory memory) {
    KnownSelection known = memory.toStore().orElse(null);
    if (known == null) {
      return;
    }
    PreheatPolicy policy = memory.policy().policy();
    try {
      NamedResources.of(
              client.resources(PreheatPolicy.class),
              policy.getMetadata().getNamespace(),
              policy.getMetadata().getName())
          .subresource("status")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              Serialization.asJson(Map.of("status", Map.of("catchUp", known))));
      memory.stored(known);
    } catch (KubernetesClientException e) {
      // One policy that was deleted, or may not be written, is no matter of the others.
      if (e.getCode() != 404 && Denial.of(e).isEmpty()) {
        throw e;
      }
      log.atWarn()
          .addKeyValue("policy", ObjectKey.of(policy))
          .log("What the sweep knows of it is not written: {}", e.getMessage());
    }
  }
}
