package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.Project;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Doublestar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One registry's webhook in Harbor's projects: created where it is missing, mended where somebody
 * changed it, removed where it is not wanted any more. It is known by its name; webhooks of others,
 * also of the operators of other clusters, are not touched.
 */
final class Registration {
  /**
   * What came of it.
   *
   * @param projects in which the webhook stands as it should
   * @param cleared projects in which it is not wanted and does not stand
   * @param repaired what somebody had done to it, a sentence for each project
   * @param troubles what went wrong, by project
   */
  record Result(
      Set<String> projects,
      Set<String> cleared,
      List<String> repaired,
      Map<String, String> troubles) {
    /** Nothing is registered. */
    static final Result NONE = new Result(Set.of(), Set.of(), List.of(), Map.of());
  }

  private static final Logger log = LoggerFactory.getLogger(Registration.class);

  /** What policies can start on; all versions from 2.8 to 2.16 know both. */
  private static final Set<String> EVENTS = Set.of("PUSH_ARTIFACT", "SCANNING_COMPLETED");

  private final HarborClient harbor;
  private final String name;
  private final Pattern formerNames;
  private final List<Doublestar> patterns;
  private final Map<String, Long> ids;

  /**
   * The webhook of a registry.
   *
   * @param registration null: it is wanted nowhere
   * @param ids where the webhook is known to stand: policy ids by project, 0 where the id is not
   *     known; it is kept true by what is done and seen here
   */
  Registration(
      HarborRegistry registry,
      HarborRegistrySpec.@Nullable Registration registration,
      HarborClient harbor,
      Map<String, Long> ids) {
    this.harbor = harbor;
    this.ids = ids;
    this.name = name(registry);
    this.formerNames = Pattern.compile(Pattern.quote(readableName(registry)) + "(-[0-9a-f]{8})?");
    this.patterns =
        registration == null
            ? List.of()
            : Doublestar.compile("webhook.registration.projects", registration.projectPatterns());
  }

  /**
   * The name of a registry's webhook in Harbor. Clusters that share a Harbor call their registries
   * alike, and two operators that took one webhook for theirs would undo each other's work for
   * ever; so a part of the name comes from the object's UID.
   */
  static String name(HarborRegistry registry) {
    String uid = String.valueOf(registry.getMetadata().getUid());
    return readableName(registry)
        + "-"
        + UUID.nameUUIDFromBytes(uid.getBytes(StandardCharsets.UTF_8)).toString().substring(0, 8);
  }

  private static String readableName(HarborRegistry registry) {
    return "preheat-"
        + registry.getMetadata().getNamespace()
        + "-"
        + registry.getMetadata().getName();
  }

  /** The webhook as it is to stand. */
  static WebhookPolicy wanted(
      HarborRegistry registry,
      HarborRegistrySpec.Registration registration,
      String authorization,
      boolean cloudEvents) {
    String address = registration.address();
    String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    return new WebhookPolicy(
        0,
        name(registry),
        "Managed by harbor-preheat-operator",
        true,
        EVENTS,
        base + WebhookPaths.of(ObjectKey.of(registry)),
        authorization,
        false,
        cloudEvents ? registration.format().harborName() : "Default");
  }

  /**
   * Makes Harbor's webhooks as they are wanted.
   *
   * @param wanted what is to be in the projects that are selected
   * @param last what came of it when the same was wanted before: what differs since is somebody's
   *     doing
   * @param all whether to look again where all was well
   * @param deleted whether the registry is being deleted meanwhile; then no more is done
   * @throws RemoteCallException when Harbor as a whole cannot be used; what is wrong with single
   *     projects is in the result
   */
  Result ensure(
      WebhookPolicy wanted, Result last, boolean all, boolean readOnly, BooleanSupplier deleted)
      throws RemoteCallException {
    Result result =
        new Result(new TreeSet<>(), new TreeSet<>(), new ArrayList<>(), new TreeMap<>());
    List<Project> projects = harbor.projects();
    ids.keySet().retainAll(projects.stream().map(Project::name).toList());
    for (Project found : projects) {
      if (deleted.getAsBoolean()) {
        break;
      }
      String project = found.name();
      boolean selected = selects(project);
      if (selected && !all && last.projects().contains(project)) {
        result.projects().add(project);
      } else if (!selected && last.cleared().contains(project)) {
        result.cleared().add(project);
      } else if (selected) {
        try {
          Optional<String> mended = ensure(project, wanted);
          result.projects().add(project);
          if (last.projects().contains(project)) {
            mended.ifPresent(what -> result.repaired().add("project " + project + ": " + what));
          }
        } catch (RemoteCallException e) {
          result.troubles().put(project, trouble(e, readOnly));
        }
      } else {
        remove(project, last.projects().contains(project), result);
      }
    }
    return result;
  }

  /** Takes the webhook out of all projects. */
  Result removeAll() throws RemoteCallException {
    Result result =
        new Result(new TreeSet<>(), new TreeSet<>(), new ArrayList<>(), new TreeMap<>());
    for (Project project : harbor.projects()) {
      remove(project.name(), selects(project.name()), result);
    }
    ids.keySet().retainAll(result.troubles().keySet());
    return result;
  }

  private boolean selects(String project) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(project));
  }

  /**
   * Takes the webhook out of a project.
   *
   * @param mayStand whether it may have been put there; else a project that shows its webhooks to
   *     others only is no trouble
   */
  private void remove(String project, boolean mayStand, Result result) throws RemoteCallException {
    try {
      for (WebhookPolicy policy : harbor.webhookPolicies(project)) {
        if (policy.name().equals(name)) {
          ids.put(project, policy.id());
          harbor.deleteWebhookPolicy(project, policy.id());
          log.atInfo().addKeyValue("project", project).log("Webhook removed");
        }
      }
      ids.remove(project);
      result.cleared().add(project);
    } catch (RemoteCallException e) {
      String trouble = trouble(e, false);
      if (mayStand || ids.containsKey(project) || (e.status() != 403 && e.status() != 404)) {
        ids.putIfAbsent(project, 0L);
        result.troubles().put(project, trouble);
      }
    }
  }

  /** Gives what had to be mended; empty: it stood as it should. */
  private Optional<String> ensure(String project, WebhookPolicy wanted) throws RemoteCallException {
    WebhookPolicy present = null;
    for (WebhookPolicy policy : harbor.webhookPolicies(project)) {
      if (policy.name().equals(name)) {
        present = policy;
      } else if (policy.address().equals(wanted.address())
          && formerNames.matcher(policy.name()).matches()) {
        // A registry that was made again, as from a backup, would get each event twice.
        harbor.deleteWebhookPolicy(project, policy.id());
        log.atInfo()
            .addKeyValue("project", project)
            .log("Webhook {} removed: its registry was made again", policy.name());
      }
    }
    if (present == null) {
      // A request without an answer may have arrived.
      ids.put(project, 0L);
      ids.put(project, harbor.createWebhookPolicy(project, wanted));
      log.atInfo().addKeyValue("project", project).log("Webhook created");
      return Optional.of("it was gone");
    }
    ids.put(project, present.id());
    WebhookPolicy same = wanted.withId(present.id());
    if (present.equals(same)) {
      return Optional.empty();
    }
    harbor.updateWebhookPolicy(project, same);
    String what = difference(present, same);
    log.atInfo().addKeyValue("project", project).log("Webhook mended: {}", what);
    return Optional.of(what);
  }

  private static String difference(WebhookPolicy present, WebhookPolicy wanted) {
    if (!present.enabled()) {
      return "it was disabled";
    }
    if (!present.authHeader().equals(wanted.authHeader())) {
      return "its authorization header was another";
    }
    if (!present.address().equals(wanted.address())) {
      return "its address was another";
    }
    if (!present.eventTypes().equals(wanted.eventTypes())) {
      return "its event types were " + String.join(", ", present.eventTypes());
    }
    return "it was changed";
  }

  /**
   * What is wrong with one project.
   *
   * @throws RemoteCallException the same, when it is no matter of one project: a thousand others
   *     need not be tried
   */
  private static String trouble(RemoteCallException e, boolean readOnly)
      throws RemoteCallException {
    if (!ProjectTrouble.isOfOneProject(e)) {
      throw e;
    }
    // That Harbor takes no changes at all it does say.
    return readOnly
        ? e.describe()
        : ProjectTrouble.describe(e, "notification-policy: list, create, update, delete");
  }
}
