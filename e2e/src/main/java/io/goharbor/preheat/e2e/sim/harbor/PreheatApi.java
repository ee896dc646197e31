package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Instances and policies of Harbor's own preheating, as it stores and shows them; nothing is ever
 * preheated by them. Filters, trigger and extra_attrs are JSON within text. Many faults of a caller
 * are a 500 without a word, as in Harbor.
 */
final class PreheatApi {
  private static final String INSTANCES = "/api/v2.0/p2p/preheat/instances";
  private static final String PROJECT = "/api/v2.0/projects/{project}/preheat";
  private static final Set<String> LIST = Set.of("q", "sort", "page", "page_size");
  private static final String NAME = "^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Content content;
  private final InstantSource clock;

  PreheatApi(SimServer server, Content content, ApiGuard guard, InstantSource clock) {
    this.content = content;
    this.clock = clock;
    String policies = PROJECT + "/policies";
    server
        .route("GET", INSTANCES, guard.system(LIST, "preheat-instance:list", this::instances))
        .route("POST", INSTANCES, guard.system(Set.of(), "preheat-instance:create", this::create))
        .route("GET", policies, guard.byName(LIST, "preheat-policy:list", this::policies))
        .route("POST", policies, guard.byName(Set.of(), "preheat-policy:create", this::create))
        .route(
            "GET",
            PROJECT + "/providers",
            guard.byName(Set.of(), "preheat-policy:list", this::providers));
  }

  private Answer instances(Ask ask) {
    return Pages.of(ask, sorted(content.instances), instance -> instance);
  }

  private static List<ObjectNode> sorted(Map<Long, ObjectNode> byId) {
    return byId.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private Answer create(Ask ask) {
    Optional<ObjectNode> body = body(ask);
    if (body.isEmpty()) {
      return Errors.unprocessable("parsing instance body failed");
    }
    ObjectNode instance = body.get();
    String name = instance.path("name").asText("");
    boolean known =
        instance.path("vendor").asText("").matches("dragonfly|kraken")
            && instance.path("auth_mode").asText("").matches("NONE|BASIC|OAUTH|CUSTOM");
    boolean endpointTaken =
        content.instances.values().stream()
            .anyMatch(other -> other.path("endpoint").equals(instance.path("endpoint")));
    if (!name.matches(NAME) || !known || endpointTaken) {
      return internal();
    }
    if (content.instances.values().stream()
        .anyMatch(other -> other.path("name").asText().equals(name))) {
      return Errors.of(409, "CONFLICT", "instance " + name + " already exists");
    }
    long id = content.nextId();
    // Never shown again, whatever it is.
    instance.remove("auth_info");
    instance
        .put("id", id)
        .put("status", "Unknown")
        .put("enabled", instance.path("enabled").asBoolean(false))
        .put("default", instance.path("default").asBoolean(false))
        .put("insecure", instance.path("insecure").asBoolean(false))
        .put("setup_timestamp", clock.instant().getEpochSecond());
    content.instances.put(id, instance);
    return Answer.status(201).with("Location", ask.rawPath() + "/" + name);
  }

  private Answer policies(Ask ask, Project project) {
    return Pages.of(ask, sorted(project.preheatPolicies), policy -> policy);
  }

  private Answer create(Ask ask, Project project) {
    Optional<ObjectNode> body = body(ask);
    if (body.isEmpty()) {
      return Errors.unprocessable("parsing policy body failed");
    }
    ObjectNode policy = body.get();
    String name = policy.path("name").asText("");
    ObjectNode instance = content.instances.get(policy.path("provider_id").asLong());
    if (instance == null) {
      return Errors.notFound("provider " + policy.path("provider_id") + " not found");
    }
    String filters = policy.path("filters").asText("");
    String trigger = policy.path("trigger").asText("");
    if (!name.matches(NAME)
        || filters.isEmpty()
        || filters.length() > 1024
        || trigger.isEmpty()
        || trigger.length() > 255) {
      return internal();
    }
    if (!cron(trigger).matches("|0( +\\S+){5}")) {
      return Errors.badRequest("invalid cron string for scheduled preheat");
    }
    if (project.preheatPolicies.values().stream()
        .anyMatch(other -> other.path("name").asText().equals(name))) {
      return Errors.of(409, "CONFLICT", "policy " + name + " already exists");
    }
    long id = content.nextId();
    String now = ArtifactView.time(clock.instant());
    policy
        .put("id", id)
        .put("project_id", project.id)
        .put("provider_name", instance.path("name").asText())
        .put("enabled", policy.path("enabled").asBoolean(false))
        .put("creation_time", now)
        .put("update_time", now);
    project.preheatPolicies.put(id, policy);
    return Answer.status(201).with("Location", ask.rawPath() + "/" + name);
  }

  private static String cron(String trigger) {
    try {
      return JSON.readTree(trigger).path("trigger_setting").path("cron").asText("");
    } catch (JsonProcessingException e) {
      return "not JSON";
    }
  }

  /** What a project is shown of the instances: one text for vendor, name and endpoint. */
  private Answer providers(Ask ask, Project project) {
    ArrayNode all = JSON.createArrayNode();
    for (JsonNode instance : sorted(content.instances)) {
      all.addObject()
          .put("id", instance.path("id").asLong())
          .put(
              "provider",
              instance.path("vendor").asText()
                  + " "
                  + instance.path("name").asText()
                  + "-"
                  + instance.path("endpoint").asText())
          .put("default", instance.path("default").asBoolean())
          .put("enabled", instance.path("enabled").asBoolean());
    }
    return Answer.json(200, all);
  }

  private static Answer internal() {
    return Errors.of(500, "UNKNOWN", "internal server error");
  }

  private static Optional<ObjectNode> body(Ask ask) {
    try {
      return ask.json() instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
