package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Harbor, as far as an outside enforcer of preheating meets it: systeminfo, projects, artifacts,
 * webhook policies, the token service, registry manifests and blobs, and webhook jobs.
 */
public final class HarborSimulator implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PUSHED_SINCE = Pattern.compile("push_time=\\[([^~\\]]*)~]");
  private static final Set<String> EVENT_TYPES =
      Set.of(
          "PUSH_ARTIFACT",
          "PULL_ARTIFACT",
          "DELETE_ARTIFACT",
          "SCANNING_COMPLETED",
          "SCANNING_FAILED",
          "SCANNING_STOPPED",
          "QUOTA_EXCEED",
          "QUOTA_WARNING",
          "REPLICATION",
          "TAG_RETENTION");
  private static final Map<String, String> CLOUD_TYPES =
      Map.of(
          "PUSH_ARTIFACT",
          "harbor.artifact.pushed",
          "SCANNING_COMPLETED",
          "harbor.scan.completed",
          "DELETE_ARTIFACT",
          "harbor.artifact.deleted");
  private static final Set<String> ARTIFACT_QUERIES =
      Set.of(
          "q",
          "sort",
          "page",
          "page_size",
          "with_tag",
          "with_label",
          "with_scan_overview",
          "with_accessory",
          "with_immutable_status",
          "with_sbom_overview",
          "latest_in_repository");

  private final SimServer server;
  private final InstantSource clock;
  private final Content content = new Content();
  private final WebhookJobs jobs;
  private final Map<String, String> robots = new ConcurrentHashMap<>();
  private final Map<String, Instant> tokens = new ConcurrentHashMap<>();
  private final Map<String, String> tokenScopes = new ConcurrentHashMap<>();
  private volatile Duration tokenLife = Duration.ofMinutes(30);

  /**
   * A Harbor without content.
   *
   * @param retryScale what Harbor's webhook back-off (minutes) is multiplied with
   */
  public HarborSimulator(InstantSource clock, double retryScale) {
    this.clock = clock;
    this.jobs = new WebhookJobs(retryScale);
    this.server =
        new SimServer("harbor", clock)
            .route("GET", "/api/v2.0/ping", ask -> Answer.text(200, "Pong"))
            .route("GET", "/api/v2.0/systeminfo", this::systemInfo)
            .route("GET", "/api/v2.0/projects", api(this::listProjects))
            .route("GET", "/api/v2.0/projects/{project}/artifacts", api(this::listArtifacts))
            .route(
                "GET",
                "/api/v2.0/projects/{project}/repositories/{repository}/artifacts",
                api(this::listArtifacts))
            .route(
                "GET",
                "/api/v2.0/projects/{project}/repositories/{repository}/artifacts/{reference}",
                api(this::getArtifact))
            .route("GET", "/api/v2.0/projects/{project}/webhook/policies", api(this::listWebhooks))
            .route(
                "POST", "/api/v2.0/projects/{project}/webhook/policies", api(this::createWebhook))
            .route(
                "PUT",
                "/api/v2.0/projects/{project}/webhook/policies/{id}",
                api(this::updateWebhook))
            .route(
                "DELETE",
                "/api/v2.0/projects/{project}/webhook/policies/{id}",
                api(this::deleteWebhook))
            .route("GET", "/service/token", this::token)
            .route("GET", "/v2/", this::registryPing)
            .route("GET", "/v2/{name+}/manifests/{reference}", this::manifest)
            .route("HEAD", "/v2/{name+}/manifests/{reference}", this::manifest)
            .route("GET", "/v2/{name+}/blobs/{digest}", this::blob)
            .route("HEAD", "/v2/{name+}/blobs/{digest}", this::blob)
            .fallback(ask -> error(404, "NOT_FOUND", "path " + ask.rawPath() + " was not found"))
            .start();
  }

  /** The base URL. */
  public String url() {
    return server.url();
  }

  /** Host and port, as image references name them. */
  public String host() {
    return "127.0.0.1:" + server.port();
  }

  /** The HTTP side: faults, log, down and up. */
  public SimServer server() {
    return server;
  }

  /** The webhook jobs. */
  public WebhookJobs webhookJobs() {
    return jobs;
  }

  /** How long tokens of the token service live. */
  public void tokenLife(Duration life) {
    tokenLife = life;
  }

  @Override
  public void close() {
    jobs.close();
    server.close();
  }

  // Content, for tests and the demo.

  /** Adds a robot account. */
  public void addRobot(String name, String secret) {
    robots.put(name, secret);
  }

  /** Adds a project. */
  public void createProject(String name, boolean isPublic) {
    content.projects.put(name, new Content.Project(content.nextId(), name, isPublic));
  }

  /** Switches a project's content trust gate: unsigned artifacts cannot be pulled. */
  public void contentTrust(String project, boolean on) {
    content.project(project).contentTrust = on;
  }

  /**
   * Pushes an image of one platform.
   *
   * @param layers sizes by name; equal names are the same blob
   * @return the digest
   */
  public String push(String project, String repository, String tag, Map<String, Long> layers) {
    return push(project, repository, tag, "IMAGE", layers);
  }

  /** Pushes an artifact of another type. */
  public String push(
      String project, String repository, String tag, String type, Map<String, Long> layers) {
    Content.Project found = content.project(project);
    Content.Artifact artifact = content.store(found, repository, type, layers, clock.instant());
    tag(found, repository, artifact, tag);
    event(found, repository, "PUSH_ARTIFACT", artifact, tag);
    return artifact.digest;
  }

  /**
   * Pushes an index; each platform gets layers of its own. As Harbor does, one event is sent for
   * each manifest by digest, and one for the index by tag.
   *
   * @return the digest of the index
   */
  public String pushIndex(
      String project,
      String repository,
      String tag,
      List<String> platforms,
      Map<String, Long> layers) {
    Content.Project found = content.project(project);
    Map<String, Content.Artifact> children = new LinkedHashMap<>();
    for (String platform : platforms) {
      Map<String, Long> own = new LinkedHashMap<>();
      layers.forEach((name, size) -> own.put(name + " " + platform, size));
      Content.Artifact child = content.store(found, repository, "IMAGE", own, clock.instant());
      children.put(platform, child);
      event(found, repository, "PUSH_ARTIFACT", child, null);
    }
    Content.Artifact index = content.storeIndex(found, repository, children, clock.instant());
    tag(found, repository, index, tag);
    event(found, repository, "PUSH_ARTIFACT", index, tag);
    return index.digest;
  }

  /** Puts a label on an artifact; Harbor sends no event for it. */
  public void addLabel(String project, String repository, String reference, String label) {
    artifact(project, repository, reference).labels.add(label);
  }

  /** Attaches a signature, such as signature.cosign. */
  public void addAccessory(String project, String repository, String reference, String type) {
    artifact(project, repository, reference).accessories.add(type);
  }

  /** Ends a vulnerability scan, with an event for each manifest of an index and none for it. */
  public void scanned(String project, String repository, String reference, String severity) {
    Content.Project found = content.project(project);
    Content.Artifact artifact = artifact(project, repository, reference);
    artifact.severity = severity;
    if (artifact.children.isEmpty()) {
      event(
          found,
          repository,
          "SCANNING_COMPLETED",
          artifact,
          artifact.tags.isEmpty() ? null : artifact.tags.iterator().next());
    }
    for (Content.Child child : artifact.children) {
      event(
          found,
          repository,
          "SCANNING_COMPLETED",
          artifact(project, repository, child.digest()),
          null);
    }
  }

  /** Digests of all blobs of a repository. */
  public Set<String> blobs(String project, String repository) {
    return Content.blobs(content.project(project).repository(repository)).keySet();
  }

  /** Deletes an artifact. */
  public void delete(String project, String repository, String digest) {
    content.project(project).repository(repository).artifacts.remove(digest);
  }

  private Content.Artifact artifact(String project, String repository, String reference) {
    return content
        .find(project, repository, reference)
        .orElseThrow(() -> new IllegalArgumentException("no artifact " + reference));
  }

  private static void tag(
      Content.Project project, String repository, Content.Artifact artifact, String tag) {
    Content.Repository stored = project.repository(repository);
    synchronized (stored) {
      stored.artifacts.values().forEach(other -> other.tags.remove(tag));
      artifact.tags.add(tag);
    }
  }

  // Webhooks.

  private void event(
      Content.Project project,
      String repository,
      String type,
      Content.Artifact artifact,
      @Nullable String tag) {
    ObjectNode data = eventData(project, repository, type, artifact, tag);
    for (Map.Entry<Long, ObjectNode> webhook : project.webhooks.entrySet()) {
      boolean wants = false;
      for (JsonNode wanted : webhook.getValue().path("event_types")) {
        wants |= wanted.asText().equals(type);
      }
      if (!wants || !webhook.getValue().path("enabled").asBoolean()) {
        continue;
      }
      for (JsonNode target : webhook.getValue().path("targets")) {
        boolean cloud = target.path("payload_format").asText().equals("CloudEvents");
        jobs.enqueue(
            type,
            target,
            cloud ? "application/cloudevents+json" : "application/json",
            bytes(
                cloud
                    ? cloudEvent(project, webhook.getKey(), type, data)
                    : defaultEvent(type, data)));
      }
    }
  }

  private ObjectNode eventData(
      Content.Project project,
      String repository,
      String type,
      Content.Artifact artifact,
      @Nullable String tag) {
    String full = project.name + "/" + repository;
    ObjectNode data = JSON.createObjectNode();
    ObjectNode resource = data.putArray("resources").addObject().put("digest", artifact.digest);
    boolean scan = type.equals("SCANNING_COMPLETED");
    if (tag != null) {
      resource.put("tag", tag);
    } else if (!scan) {
      // A push by digest puts the digest where the tag belongs.
      resource.put("tag", artifact.digest);
    }
    resource.put(
        "resource_url", host() + "/" + full + (tag == null ? "@" + artifact.digest : ":" + tag));
    ObjectNode about = data.putObject("repository");
    if (!scan) {
      about.put("date_created", clock.instant().getEpochSecond());
    }
    about
        .put("name", repository)
        .put("namespace", project.name)
        .put("repo_full_name", full)
        .put("repo_type", project.isPublic ? "public" : "private");
    if (scan) {
      data.putObject("scan").put("scan_type", "vulnerability");
    }
    return data;
  }

  private ObjectNode defaultEvent(String type, ObjectNode data) {
    ObjectNode event = JSON.createObjectNode();
    event
        .put("type", type)
        .put("occur_at", clock.instant().getEpochSecond())
        .put("operator", "robot$ci");
    event.set("event_data", data);
    return event;
  }

  private ObjectNode cloudEvent(
      Content.Project project, long policy, String type, ObjectNode data) {
    ObjectNode event = JSON.createObjectNode();
    event
        .put("specversion", "1.0")
        .put("id", UUID.randomUUID().toString())
        .put("source", "/projects/" + project.id + "/webhook/policies/" + policy)
        .put("type", CLOUD_TYPES.getOrDefault(type, "harbor.unknown"))
        .put("datacontenttype", "application/json")
        .put("time", clock.instant().toString());
    event.set("data", data);
    return event.put("requestid", "").put("operator", "robot$ci");
  }

  // REST.

  private SimServer.Handler api(SimServer.Handler handler) {
    return ask -> {
      if (ask.header("Cookie").isPresent()) {
        return error(403, "FORBIDDEN", "CSRF token not found in request");
      }
      if (ask.header("Authorization").isPresent() && account(ask).isEmpty()) {
        return error(401, "UNAUTHORIZED", "unauthorized");
      }
      return handler.handle(ask);
    };
  }

  /** The robot that signed in with the right secret. */
  private Optional<String> account(Ask ask) {
    return ask.header("Authorization")
        .filter(value -> value.startsWith("Basic "))
        .map(value ->
            new String(Base64.getDecoder().decode(value.substring(6)), StandardCharsets.UTF_8))
        .filter(pair -> {
          int colon = pair.indexOf(':');
          return colon > 0
              && pair.substring(colon + 1).equals(robots.get(pair.substring(0, colon)));
        })
        .map(pair -> pair.substring(0, pair.indexOf(':')));
  }

  private Answer systemInfo(Ask ask) {
    ObjectNode info = JSON.createObjectNode();
    info.put("auth_mode", "db_auth").put("self_registration", false);
    // A wrong credential makes the caller anonymous here.
    if (account(ask).isPresent()) {
      info.put("harbor_version", "v2.14.4-simulated")
          .put("external_url", url())
          .put("registry_url", host())
          .put("read_only", false)
          .put("notification_enable", true)
          .put("current_time", clock.instant().toString());
    }
    return Answer.json(200, info);
  }

  private Answer listProjects(Ask ask) {
    boolean all = account(ask).isPresent();
    List<Object> projects =
        content.projects.values().stream()
            .filter(project -> all || project.isPublic)
            .sorted(Comparator.comparingLong(project -> project.id))
            .<Object>map(project ->
                Map.of(
                    "project_id",
                    project.id,
                    "name",
                    project.name,
                    "metadata",
                    Map.of("public", Boolean.toString(project.isPublic)),
                    "repo_count",
                    project.repositories.size()))
            .toList();
    return page(ask, projects);
  }

  private Optional<Content.Project> visible(Ask ask) {
    Content.Project project = content.projects.get(ask.decoded("project"));
    return Optional.ofNullable(project).filter(found -> found.isPublic || account(ask).isPresent());
  }

  private Answer listArtifacts(Ask ask) {
    Optional<Content.Project> project = visible(ask);
    if (project.isEmpty()) {
      return error(403, "FORBIDDEN", "forbidden");
    }
    for (String name : ask.allQueries().keySet()) {
      if (!ARTIFACT_QUERIES.contains(name)) {
        return error(422, "UNPROCESSABLE_ENTITY", "unknown parameter " + name);
      }
    }
    Optional<String> repository = Optional.empty();
    if (ask.variables().containsKey("repository")) {
      repository = Optional.of(repository(ask));
    }
    String q = ask.query("q").orElse("");
    Matcher since = PUSHED_SINCE.matcher(q);
    Instant from =
        since.find() ? LocalDateTime.parse(since.group(1)).toInstant(ZoneOffset.UTC) : Instant.MIN;
    Optional<String> only = repository;
    List<Object> found =
        project.get().repositories.values().stream()
            .filter(repo -> only.isEmpty() || only.get().equals(repo.name))
            .flatMap(repo ->
                repo.artifacts.values().stream()
                    .filter(artifact -> !q.contains("tags=*") || !artifact.tags.isEmpty())
                    .filter(artifact -> !artifact.pushTime.isBefore(from))
                    .map(artifact -> Map.entry(repo, artifact)))
            .sorted(Comparator.comparingLong(entry -> entry.getValue().id))
            .<Object>map(entry -> describe(project.get(), entry.getKey(), entry.getValue(), ask))
            .toList();
    return page(ask, found);
  }

  private Answer getArtifact(Ask ask) {
    Optional<Content.Project> project = visible(ask);
    if (project.isEmpty()) {
      return error(403, "FORBIDDEN", "forbidden");
    }
    String repository = repository(ask);
    Content.Repository stored = project.get().repository(repository);
    return content
        .find(project.get().name, repository, ask.decoded("reference"))
        .map(artifact -> Answer.json(200, describe(project.get(), stored, artifact, ask)))
        .orElseGet(() ->
            error(
                404,
                "NOT_FOUND",
                "artifact " + repository + ":" + ask.decoded("reference") + " not found"));
  }

  /** Harbor decodes a repository name twice; a slash encoded once does not get here. */
  private static String repository(Ask ask) {
    return URLDecoder.decode(ask.decoded("repository").replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static ObjectNode describe(
      Content.Project project, Content.Repository repository, Content.Artifact artifact, Ask ask) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", artifact.id)
        .put("type", artifact.type)
        .put("media_type", artifact.mediaType)
        .put("manifest_media_type", artifact.mediaType)
        .put("project_id", project.id)
        .put("repository_id", 1)
        .put("repository_name", project.name + "/" + repository.name)
        .put("digest", artifact.digest)
        .put("size", artifact.size())
        .put("push_time", artifact.pushTime.toString())
        .put("pull_time", "0001-01-01T00:00:00.000Z");
    if (!artifact.children.isEmpty()) {
      for (Content.Child child : artifact.children) {
        ObjectNode reference = json.withArray("references").addObject();
        reference
            .put("parent_id", artifact.id)
            .put("child_digest", child.digest())
            .putObject("platform")
            .put("architecture", child.architecture())
            .put("os", child.os());
      }
    } else {
      json.putNull("references");
    }
    if (asks(ask, "with_tag", true)) {
      if (artifact.tags.isEmpty()) {
        json.putNull("tags");
      }
      artifact.tags.forEach(tag ->
          json.withArray("tags")
              .addObject()
              .put("name", tag)
              .put("push_time", artifact.pushTime.toString()));
    }
    if (asks(ask, "with_label", false)) {
      artifact.labels.forEach(
          label -> json.withArray("labels").addObject().put("name", label).put("scope", "g"));
    }
    if (asks(ask, "with_accessory", false)) {
      artifact.accessories.forEach(
          type -> json.withArray("accessories").addObject().put("type", type));
    }
    if (asks(ask, "with_scan_overview", false) && artifact.severity != null) {
      json.putObject("scan_overview")
          .putObject("application/vnd.security.vulnerability.report; version=1.1")
          .put("scan_status", "Success")
          .put("severity", artifact.severity)
          .put("complete_percent", 100);
    }
    return json;
  }

  private static boolean asks(Ask ask, String name, boolean otherwise) {
    return ask.query(name).map("true"::equals).orElse(otherwise);
  }

  private static Answer page(Ask ask, List<Object> all) {
    int page = Integer.parseInt(ask.query("page").orElse("1"));
    int size = Integer.parseInt(ask.query("page_size").orElse("10"));
    if (size > 100 || size < 1 || page < 1) {
      return error(422, "UNPROCESSABLE_ENTITY", "page_size in query should be less than 100");
    }
    int from = Math.min((page - 1) * size, all.size());
    int to = Math.min(from + size, all.size());
    Answer answer =
        // Go writes an empty slice as null in several of Harbor's handlers.
        from == to && page == 1 && all.isEmpty()
            ? Answer.json(200, JSON.nullNode())
            : Answer.json(200, all.subList(from, to));
    return answer.with("X-Total-Count", Integer.toString(all.size()));
  }

  // Webhook policies.

  private Answer listWebhooks(Ask ask) throws JsonProcessingException {
    return withProject(ask, project -> page(ask, List.copyOf(project.webhooks.values())));
  }

  private Answer createWebhook(Ask ask) throws JsonProcessingException {
    return withProject(
        ask,
        project -> {
          ObjectNode policy = (ObjectNode) ask.json();
          Optional<Answer> wrong = check(policy);
          if (wrong.isPresent()) {
            return wrong.get();
          }
          boolean taken =
              project.webhooks.values().stream()
                  .anyMatch(other -> other.path("name").equals(policy.path("name")));
          if (taken) {
            return error(409, "CONFLICT", "webhook policy exists already");
          }
          long id = content.nextId();
          project.webhooks.put(id, policy.put("id", id).put("project_id", project.id));
          return Answer.status(201).with("Location", ask.rawPath() + "/" + id);
        });
  }

  private Answer updateWebhook(Ask ask) throws JsonProcessingException {
    return withProject(
        ask,
        project -> {
          long id = Long.parseLong(ask.variable("id"));
          ObjectNode policy = (ObjectNode) ask.json();
          Optional<Answer> wrong = check(policy);
          if (wrong.isPresent()) {
            return wrong.get();
          }
          if (!project.webhooks.containsKey(id)) {
            return error(404, "NOT_FOUND", "webhook policy not found");
          }
          project.webhooks.put(id, policy.put("id", id).put("project_id", project.id));
          return Answer.status(200);
        });
  }

  private Answer deleteWebhook(Ask ask) throws JsonProcessingException {
    return withProject(
        ask,
        project ->
            project.webhooks.remove(Long.parseLong(ask.variable("id"))) == null
                ? error(404, "NOT_FOUND", "webhook policy not found")
                : Answer.status(200));
  }

  private interface ProjectHandler {
    Answer handle(Content.Project project) throws JsonProcessingException;
  }

  private Answer withProject(Ask ask, ProjectHandler handler) throws JsonProcessingException {
    Content.Project project = content.projects.get(ask.decoded("project"));
    if (account(ask).isEmpty()) {
      return error(401, "UNAUTHORIZED", "unauthorized");
    }
    return project == null ? error(403, "FORBIDDEN", "forbidden") : handler.handle(project);
  }

  private static Optional<Answer> check(JsonNode policy) {
    if (policy.path("targets").isEmpty() || policy.path("event_types").isEmpty()) {
      return Optional.of(error(400, "BAD_REQUEST", "targets and event_types are required"));
    }
    for (JsonNode type : policy.path("event_types")) {
      if (!EVENT_TYPES.contains(type.asText())) {
        return Optional.of(error(400, "BAD_REQUEST", "unsupported event type " + type.asText()));
      }
    }
    for (JsonNode target : policy.path("targets")) {
      if (!List.of("http", "slack").contains(target.path("type").asText())
          || !List.of("Default", "CloudEvents").contains(target.path("payload_format").asText())) {
        return Optional.of(error(400, "BAD_REQUEST", "unsupported target"));
      }
    }
    return Optional.empty();
  }

  /** Webhook policies of a project, as they stand. */
  public List<JsonNode> webhookPolicies(String project) {
    return content.project(project).webhooks.values().stream()
        .<JsonNode>map(ObjectNode::deepCopy)
        .toList();
  }

  /** Adds a webhook policy as an administrator would by hand. */
  public void addWebhook(String project, String address, String authorization, String format) {
    ObjectNode policy = JSON.createObjectNode();
    long id = content.nextId();
    policy.put("id", id).put("name", "by-hand-" + id).put("enabled", true);
    policy.putArray("event_types").add("PUSH_ARTIFACT").add("SCANNING_COMPLETED");
    policy
        .putArray("targets")
        .addObject()
        .put("type", "http")
        .put("address", address)
        .put("auth_header", authorization)
        .put("payload_format", format);
    content.project(project).webhooks.put(id, policy);
  }

  // Registry.

  private Answer registryPing(Ask ask) {
    return Answer.status(401)
        .with(
            "Www-Authenticate",
            "Bearer realm=\"" + url() + "/service/token\",service=\"harbor-registry\"");
  }

  private Answer token(Ask ask) {
    if (!ask.query("service").orElse("").equals("harbor-registry")) {
      return error(400, "BAD_REQUEST", "unable to handle service");
    }
    if (ask.header("Authorization").isPresent() && account(ask).isEmpty()) {
      return error(401, "UNAUTHORIZED", "unauthorized");
    }
    String scope = ask.query("scope").orElse("");
    String token = "sim." + UUID.randomUUID();
    tokens.put(token, clock.instant().plus(tokenLife));
    tokenScopes.put(token, (account(ask).isPresent() ? "robot " : "anonymous ") + scope);
    return Answer.json(
        200,
        Map.of(
            "token",
            token,
            "access_token",
            "",
            "expires_in",
            tokenLife.toSeconds(),
            "issued_at",
            clock.instant().toString()));
  }

  private Optional<Answer> denied(Ask ask, String project, String name) {
    Content.Project found = content.projects.get(project);
    String authorization = ask.header("Authorization").orElse("");
    boolean allowed = account(ask).isPresent();
    if (authorization.startsWith("Bearer ")) {
      String token = authorization.substring(7);
      Instant expires = tokens.get(token);
      String scope = tokenScopes.getOrDefault(token, "");
      allowed =
          expires != null
              && clock.instant().isBefore(expires)
              && scope.endsWith("repository:" + name + ":pull")
              && (scope.startsWith("robot ") || (found != null && found.isPublic));
    }
    if (found == null || !allowed) {
      return Optional.of(
          error(
                  401,
                  "UNAUTHORIZED",
                  "unauthorized to access repository: " + name + ", action: pull")
              .with(
                  "Www-Authenticate",
                  "Bearer realm=\"" + url() + "/service/token\",service=\"harbor-registry\""));
    }
    return Optional.empty();
  }

  private Answer manifest(Ask ask) {
    String name = ask.decoded("name");
    int slash = name.indexOf('/');
    String project = name.substring(0, Math.max(slash, 0));
    Optional<Answer> denied = denied(ask, project, name);
    if (denied.isPresent()) {
      return denied.get();
    }
    Optional<Content.Artifact> artifact =
        content.find(project, name.substring(slash + 1), ask.decoded("reference"));
    if (artifact.isEmpty()) {
      return error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    if (content.project(project).contentTrust
        && !artifact.get().accessories.contains("signature.cosign")) {
      return error(412, "PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
    }
    return new Answer(200, Map.of(), artifact.get().manifest)
        .with("Content-Type", artifact.get().mediaType)
        .with("Docker-Content-Digest", artifact.get().digest);
  }

  private Answer blob(Ask ask) {
    String name = ask.decoded("name");
    int slash = name.indexOf('/');
    String project = name.substring(0, Math.max(slash, 0));
    Optional<Answer> denied = denied(ask, project, name);
    if (denied.isPresent()) {
      return denied.get();
    }
    Content.Repository repository =
        content.project(project).repositories.get(name.substring(slash + 1));
    Long size = repository == null ? null : Content.blobs(repository).get(ask.decoded("digest"));
    if (size == null) {
      return error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    // Sizes are what matters: the bodies of layers are not made.
    Answer answer = ask.method().equals("HEAD") ? Answer.status(200) : Answer.text(200, "blob");
    return answer.with("X-Simulated-Size", Long.toString(size));
  }

  private static Answer error(int status, String code, String message) {
    return Answer.json(status, Map.of("errors", List.of(Map.of("code", code, "message", message))));
  }

  private static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
