package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.ArtifactFilter.BadQuery;
import io.goharbor.preheat.e2e.sim.harbor.ArtifactFilter.Found;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** System, projects, repositories and artifacts of the REST API. */
final class RestApi {
  private static final String V2 = "/api/v2.0";
  private static final String REPOSITORY =
      "/projects/{project}/repositories/{repository}/artifacts";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> LIST = Set.of("q", "sort", "page", "page_size");
  private static final Set<String> DETAILS =
      Set.of(
          "with_tag",
          "with_label",
          "with_scan_overview",
          "with_sbom_overview",
          "with_accessory",
          "with_immutable_status");

  private final Content content;
  private final Accounts accounts;
  private final InstantSource clock;
  private final ArtifactView view;
  private final SimServer server;

  RestApi(
      SimServer server, Content content, Accounts accounts, ApiGuard guard, InstantSource clock) {
    this.server = server;
    this.content = content;
    this.accounts = accounts;
    this.clock = clock;
    this.view = new ArtifactView(content);
    server
        .route("GET", V2 + "/ping", ask -> Answer.text(200, "Pong"))
        .route("GET", V2 + "/health", ask -> health())
        .route("GET", V2 + "/systeminfo", guard.open(Set.of(), this::systemInfo))
        .route(
            "GET",
            V2 + "/projects",
            guard.open(
                ApiGuard.union(LIST, Set.of("name", "public", "owner", "with_detail")),
                this::projects))
        .route(
            "GET",
            V2 + "/projects/{project}/repositories",
            guard.byName(LIST, "repository:list", this::repositories))
        .route(
            "GET",
            V2 + "/projects/{project}/artifacts",
            guard.byNameOrId(
                ApiGuard.union(LIST, DETAILS, Set.of("latest_in_repository")),
                "artifact:list",
                this::projectArtifacts))
        .route(
            "GET",
            V2 + REPOSITORY,
            guard.byName(ApiGuard.union(LIST, DETAILS), "artifact:list", this::repositoryArtifacts))
        .route(
            "GET",
            V2 + REPOSITORY + "/{reference}",
            guard.byName(DETAILS, "artifact:read", this::artifact));
  }

  private static Answer health() {
    ObjectNode health = JSON.createObjectNode().put("status", "healthy");
    for (String name : List.of("core", "jobservice", "registry", "database", "redis")) {
      health.withArray("components").addObject().put("name", name).put("status", "healthy");
    }
    return Answer.json(200, health);
  }

  private Answer systemInfo(Ask ask) {
    ObjectNode info = JSON.createObjectNode();
    info.put("auth_mode", "db_auth").put("self_registration", false);
    if (accounts.account(ask).isPresent()) {
      HarborSettings settings = content.settings;
      info.put("harbor_version", settings.version())
          .put("external_url", server.url())
          .put("registry_url", "127.0.0.1:" + server.port())
          .put("read_only", settings.readOnly())
          .put("has_ca_root", false)
          .put("notification_enable", settings.sendsEvents())
          .put("current_time", ArtifactView.time(clock.instant()));
    }
    return Answer.json(200, info);
  }

  private Answer projects(Ask ask) {
    Optional<String> account = accounts.account(ask);
    String name = ask.query("name").orElse("");
    boolean byName = ask.query("sort").orElse("").equals("name");
    List<Project> visible =
        content.projects.values().stream()
            .filter(project -> accounts.may(account, project, "project:read"))
            .filter(project -> project.name.contains(name))
            .sorted(
                byName
                    ? Comparator.comparing(project -> project.name)
                    : Comparator.comparingLong(project -> project.id))
            .toList();
    return Pages.of(
        ask,
        visible,
        project -> {
          ObjectNode json = JSON.createObjectNode();
          ObjectNode metadata =
              json.put("project_id", project.id)
                  .put("name", project.name)
                  .put("repo_count", project.repositories.size())
                  .put("registry_id", project.proxyCache ? 1 : 0)
                  .putObject("metadata")
                  .put("public", Boolean.toString(project.isPublic))
                  .put("enable_content_trust_cosign", Boolean.toString(project.contentTrust));
          project.settings.forEach(metadata::put);
          return json;
        });
  }

  private Answer repositories(Ask ask, Project project) {
    List<Repository> all =
        project.repositories.values().stream()
            .sorted(Comparator.comparingLong(repository -> repository.id))
            .toList();
    return Pages.of(
        ask,
        all,
        repository ->
            JSON.createObjectNode()
                .put("id", repository.id)
                .put("project_id", project.id)
                .put("name", project.name + "/" + repository.name)
                .put("artifact_count", repository.artifacts.size())
                .put("creation_time", ArtifactView.time(repository.created)));
  }

  /** Harbor has this list since 2.12. */
  private Answer projectArtifacts(Ask ask, Project project) {
    return content.settings.atLeast(12)
        ? artifacts(ask, project, Optional.empty())
        : Errors.notFound("path " + ask.rawPath().substring(V2.length()) + " was not found");
  }

  private Answer repositoryArtifacts(Ask ask, Project project) {
    Optional<String> name = repositoryName(ask);
    return name.isEmpty()
        ? Errors.notFound("path " + ask.rawPath() + " was not found")
        : artifacts(ask, project, name);
  }

  private Answer artifacts(Ask ask, Project project, Optional<String> repository) {
    ArtifactFilter filter;
    Comparator<Found> order;
    try {
      filter = new ArtifactFilter(ask.query("q").orElse(""));
      order = ArtifactFilter.order(ask.query("sort").orElse("-push_time"));
    } catch (BadQuery e) {
      return Errors.badRequest(String.valueOf(e.getMessage()));
    }
    List<Found> found =
        project.repositories.values().stream()
            .filter(stored -> repository.isEmpty() || repository.get().equals(stored.name))
            .flatMap(stored ->
                stored.artifacts.values().stream().map(artifact -> new Found(stored, artifact)))
            .filter(filter::takes)
            .toList();
    return Pages.of(ask, found, order, one -> view.of(project, one, ask));
  }

  private Answer artifact(Ask ask, Project project) {
    Optional<String> name = repositoryName(ask);
    if (name.isEmpty()) {
      return Errors.notFound("path " + ask.rawPath() + " was not found");
    }
    String reference = ask.decoded("reference");
    return Optional.ofNullable(project.repositories.get(name.get()))
        .flatMap(repository ->
            content
                .find(project, name.get(), reference)
                .map(artifact -> view.of(project, new Found(repository, artifact), ask)))
        .map(json -> Answer.json(200, json))
        .orElseGet(() ->
            Errors.notFound(
                "artifact " + project.name + "/" + name.get() + ":" + reference + " not found"));
  }

  /** Harbor decodes a repository name twice; a slash that was encoded once finds no route. */
  private static Optional<String> repositoryName(Ask ask) {
    String once = ask.decoded("repository");
    return once.contains("/")
        ? Optional.empty()
        : Optional.of(URLDecoder.decode(once.replace("+", "%2B"), StandardCharsets.UTF_8));
  }
}
