package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.Project;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Doublestar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's webhook in Harbor's projects: created where it is missing, mended where somebody
 * changed it, removed where it is not wanted any more. It is known by its name; webhooks of others
 * are not touched.
 */
final class Registration {
  /**
   * What came of it.
   *
   * @param projects in which the webhook stands
   * @param repaired what somebody had done to it, a sentence for each project
   * @param troubles what went wrong, a sentence for each project
   */
  record Result(Set<String> projects, List<String> repaired, List<String> troubles) {
    /** Nothing is registered. */
    static final Result NONE = new Result(Set.of(), List.of(), List.of());
  }

  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final Set<String> EVENTS = Set.of("PUSH_ARTIFACT", "SCANNING_COMPLETED");

  private Registration() {}

  /** The name of a registry's webhook in Harbor. */
  static String name(ObjectKey registry) {
    return "preheat-" + registry.namespace() + "-" + registry.name();
  }

  /**
   * Makes Harbor's webhooks as the spec wants them.
   *
   * @param stood projects in which the very same stood when it was looked at before: what differs
   *     there is somebody's doing
   */
  static Result ensure(
      ObjectKey registry,
      Webhook webhook,
      String authorization,
      Set<String> stood,
      HarborClient harbor)
      throws RemoteCallException {
    HarborRegistrySpec.Registration registration = webhook.registration();
    if (registration == null) {
      return Result.NONE;
    }
    List<Doublestar> patterns =
        registration.projectPatterns().stream().map(Doublestar::compile).toList();
    WebhookPolicy wanted = wanted(registry, registration, authorization);
    Set<String> projects = new TreeSet<>();
    List<String> repaired = new ArrayList<>();
    List<String> troubles = new ArrayList<>();
    for (Project project : harbor.projects()) {
      boolean selected = patterns.stream().anyMatch(pattern -> pattern.matches(project.name()));
      try {
        if (selected) {
          Optional<String> mended = ensure(project.name(), wanted, harbor);
          projects.add(project.name());
          if (stood.contains(project.name())) {
            mended.ifPresent(what -> repaired.add("project " + project.name() + ": " + what));
          }
        } else {
          remove(project.name(), wanted.name(), harbor);
        }
      } catch (RemoteCallException e) {
        if (selected) {
          troubles.add("project " + project.name() + ": " + e.describe() + hint(e));
        }
      }
    }
    return new Result(projects, repaired, troubles);
  }

  /** Takes the webhook out of all projects. */
  static void removeAll(ObjectKey registry, HarborClient harbor) throws RemoteCallException {
    for (Project project : harbor.projects()) {
      remove(project.name(), name(registry), harbor);
    }
  }

  private static WebhookPolicy wanted(
      ObjectKey registry, HarborRegistrySpec.Registration registration, String authorization) {
    String address = registration.address();
    String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    return new WebhookPolicy(
        0,
        name(registry),
        "Managed by harbor-preheat-operator",
        true,
        EVENTS,
        base + WebhookPaths.of(registry),
        authorization,
        false,
        registration.format().harborName());
  }

  /** Gives what had to be mended; empty: it stood as it should. */
  private static Optional<String> ensure(String project, WebhookPolicy wanted, HarborClient harbor)
      throws RemoteCallException {
    Optional<WebhookPolicy> present = find(project, wanted.name(), harbor);
    if (present.isEmpty()) {
      harbor.createWebhookPolicy(project, wanted);
      log.atInfo().addKeyValue("project", project).log("Webhook created");
      return Optional.of("it was gone");
    }
    WebhookPolicy same = wanted.withId(present.get().id());
    if (present.get().equals(same)) {
      return Optional.empty();
    }
    harbor.updateWebhookPolicy(project, same);
    String what = difference(present.get(), same);
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

  /** Harbor does not say which permission it missed. */
  private static String hint(RemoteCallException e) {
    return e.status() == 403
        ? "; the robot account needs notification-policy: list, create, update, delete there"
        : "";
  }

  private static void remove(String project, String name, HarborClient harbor)
      throws RemoteCallException {
    Optional<WebhookPolicy> present = find(project, name, harbor);
    if (present.isPresent()) {
      harbor.deleteWebhookPolicy(project, present.get().id());
      log.atInfo().addKeyValue("project", project).log("Webhook removed");
    }
  }

  private static Optional<WebhookPolicy> find(String project, String name, HarborClient harbor)
      throws RemoteCallException {
    return harbor.webhookPolicies(project).stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst();
  }
}
