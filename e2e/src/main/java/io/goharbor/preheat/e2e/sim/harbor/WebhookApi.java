package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Webhook policies of the REST API, with Harbor's validations. */
final class WebhookApi {
  private static final String POLICIES = "/api/v2.0/projects/{project}/webhook/policies";
  private static final Set<String> LIST = Set.of("q", "sort", "page", "page_size");

  private final Content content;
  private final InstantSource clock;

  WebhookApi(SimServer server, Content content, ApiGuard guard, InstantSource clock) {
    this.content = content;
    this.clock = clock;
    String one = POLICIES + "/{id}";
    server
        .route("GET", POLICIES, guard.byNameOrId(LIST, "notification-policy:list", this::list))
        .route(
            "POST",
            POLICIES,
            guard.byNameOrId(Set.of(), "notification-policy:create", this::create))
        .route("GET", one, guard.byNameOrId(Set.of(), "notification-policy:read", this::read))
        .route("PUT", one, guard.byNameOrId(Set.of(), "notification-policy:update", this::update))
        .route(
            "DELETE", one, guard.byNameOrId(Set.of(), "notification-policy:delete", this::delete));
  }

  private Answer list(Ask ask, Project project) {
    String q = ask.query("q").orElse("");
    if (!q.isEmpty() && !q.matches("name=[^,]+")) {
      return Errors.badRequest("invalid query " + q);
    }
    List<ObjectNode> found =
        project.webhooks.entrySet().stream()
            .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
            .map(Map.Entry::getValue)
            .filter(policy -> q.isEmpty() || q.equals("name=" + policy.path("name").asText()))
            .toList();
    return Pages.of(ask, found, policy -> policy);
  }

  private Answer create(Ask ask, Project project) {
    Optional<ObjectNode> policy = body(ask);
    Optional<Answer> wrong = policy.isEmpty() ? notJson() : check(project, 0, policy.get());
    if (wrong.isPresent()) {
      return wrong.get();
    }
    long id = content.nextId();
    store(project, id, policy.orElseThrow());
    return Answer.status(201).with("Location", ask.rawPath() + "/" + id);
  }

  private Answer read(Ask ask, Project project) {
    ObjectNode policy = project.webhooks.get(id(ask));
    // The secret of the target is shown in clear, as Harbor does.
    return policy == null ? missing(ask) : Answer.json(200, policy);
  }

  private Answer update(Ask ask, Project project) {
    if (!project.webhooks.containsKey(id(ask))) {
      return missing(ask);
    }
    Optional<ObjectNode> policy = body(ask);
    Optional<Answer> wrong = policy.isEmpty() ? notJson() : check(project, id(ask), policy.get());
    if (wrong.isPresent()) {
      return wrong.get();
    }
    // The id of the path wins.
    store(project, id(ask), policy.orElseThrow());
    return Answer.status(200);
  }

  private Answer delete(Ask ask, Project project) {
    return project.webhooks.remove(id(ask)) == null ? missing(ask) : Answer.status(200);
  }

  private void store(Project project, long id, ObjectNode policy) {
    String now = ArtifactView.time(clock.instant());
    ObjectNode before = project.webhooks.get(id);
    if (!content.settings.atLeast(8)) {
      // Older ones know no formats, and ignore what they do not know.
      policy.path("targets").forEach(target -> ((ObjectNode) target).remove("payload_format"));
    }
    policy
        .put("id", id)
        .put("project_id", project.id)
        .put("creation_time", before == null ? now : before.path("creation_time").asText(now))
        .put("update_time", now);
    project.webhooks.put(id, policy);
  }

  private static long id(Ask ask) {
    String text = ask.variable("id");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  private static Answer missing(Ask ask) {
    return Errors.notFound("webhook policy " + ask.variable("id") + " not found");
  }

  private static Optional<ObjectNode> body(Ask ask) {
    try {
      return ask.json() instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<Answer> notJson() {
    return Optional.of(Errors.unprocessable("parsing policy body failed"));
  }

  private static Optional<Answer> check(Project project, long id, ObjectNode policy) {
    if (policy.path("targets").isEmpty() || policy.path("event_types").isEmpty()) {
      return Optional.of(Errors.badRequest("empty notification target or event type with policy"));
    }
    for (JsonNode type : policy.path("event_types")) {
      if (!WebhookEvents.TYPES.containsKey(type.asText())) {
        return Optional.of(Errors.badRequest("unsupported event type " + type.asText()));
      }
    }
    for (JsonNode target : policy.path("targets")) {
      Optional<Answer> wrong = check((ObjectNode) target);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    boolean taken =
        project.webhooks.entrySet().stream()
            .anyMatch(other ->
                other.getKey() != id && other.getValue().path("name").equals(policy.path("name")));
    return taken
        ? Optional.of(Errors.of(409, "CONFLICT", "webhook policy with that name exists already"))
        : Optional.empty();
  }

  private static Optional<Answer> check(ObjectNode target) {
    String address = target.path("address").asText("");
    if (address.isEmpty()) {
      return Optional.of(Errors.badRequest("empty notification target address"));
    }
    if (!address.contains("://")) {
      target.put("address", "http://" + address);
    } else if (!address.toLowerCase(Locale.ROOT).matches("https?://.+")) {
      return Optional.of(Errors.badRequest("invalid address " + address));
    }
    String type = target.path("type").asText("");
    if (!type.equals("http") && !type.equals("slack")) {
      return Optional.of(Errors.badRequest("unsupported target type " + type));
    }
    String format = target.path("payload_format").asText("");
    if (format.isEmpty()) {
      target.put("payload_format", "Default");
    } else if (type.equals("slack") || !Set.of("Default", "CloudEvents").contains(format)) {
      return Optional.of(Errors.badRequest("unsupported payload format " + format));
    }
    return Optional.empty();
  }

  /** Adds a webhook policy as an administrator would by hand. */
  long add(Project project, ObjectNode policy) {
    Optional<Answer> wrong = check(project, 0, policy);
    if (wrong.isPresent()) {
      throw new IllegalArgumentException("Harbor would refuse this webhook policy: " + policy);
    }
    long id = content.nextId();
    store(project, id, policy);
    return id;
  }
}
