package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The registry below /v2 and its token service. */
final class RegistryApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVICE = "harbor-registry";

  /** Where in the registry a request goes. */
  private record Place(Project project, Repository repository) {}

  private final SimServer server;
  private final Content content;
  private final Accounts accounts;
  private final WebhookEvents events;
  private final InstantSource clock;

  RegistryApi(
      SimServer server,
      Content content,
      Accounts accounts,
      WebhookEvents events,
      InstantSource clock) {
    this.server = server;
    this.content = content;
    this.accounts = accounts;
    this.events = events;
    this.clock = clock;
    server.route("GET", "/service/token", this::token).route("GET", "/v2/", this::ping);
    for (String method : List.of("GET", "HEAD")) {
      server
          .route(method, "/v2/{name+}/manifests/{reference}", this::manifest)
          .route(method, "/v2/{name+}/blobs/{digest}", this::blob);
    }
  }

  private Answer token(Ask ask) {
    if (!ask.query("service").orElse("").equals(SERVICE)) {
      return Errors.badRequest("unable to handle service: " + ask.query("service").orElse(""));
    }
    List<String> scopes = new ArrayList<>();
    ask.queries("scope").forEach(scope -> scopes.addAll(List.of(scope.split(" ", -1))));
    Optional<String> account = accounts.account(ask);
    if (scopes.isEmpty() && account.isEmpty()) {
      // This is how docker login learns that the password is wrong.
      return Errors.unauthorized();
    }
    ObjectNode answer = JSON.createObjectNode();
    answer
        .put("token", accounts.mint(account, scopes, content))
        .put("access_token", "")
        .put("expires_in", accounts.tokenLife().toSeconds())
        .put("issued_at", clock.instant().toString());
    return Answer.json(200, answer);
  }

  private Answer ping(Ask ask) {
    return accounts.account(ask).isPresent() ? Answer.status(200) : challenge("", "unauthorized");
  }

  private Answer challenge(String scope, String message) {
    return Errors.of(401, "UNAUTHORIZED", message)
        .with(
            "Www-Authenticate",
            "Bearer realm=\""
                + server.url()
                + "/service/token\",service=\""
                + SERVICE
                + "\""
                + (scope.isEmpty() ? "" : ",scope=\"" + scope + "\""));
  }

  /** The repository, if the caller may pull from it. */
  private Optional<Place> place(Ask ask) {
    String[] name = ask.decoded("name").split("/", 2);
    Project project = content.projects.get(name[0]);
    if (project == null
        || name.length < 2
        || !accounts.mayPull(ask, project, String.join("/", name))) {
      return Optional.empty();
    }
    Repository known = project.repositories.get(name[1]);
    return Optional.of(
        new Place(project, known == null ? new Repository(0, name[1], clock.instant()) : known));
  }

  private Answer denied(Ask ask) {
    String name = ask.decoded("name");
    return challenge(
        "repository:" + name + ":pull",
        "unauthorized to access repository: "
            + name
            + ", action: pull: unauthorized to access"
            + " repository: "
            + name
            + ", action: pull");
  }

  private Answer manifest(Ask ask) {
    Optional<Place> place = place(ask);
    if (place.isEmpty()) {
      return denied(ask);
    }
    Project project = place.get().project();
    Repository repository = place.get().repository();
    String reference = ask.decoded("reference");
    Optional<Artifact> artifact = content.find(project, repository.name, reference);
    if (artifact.isEmpty()) {
      return Errors.of(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    if (project.contentTrust && !artifact.get().has("signature.cosign")) {
      return Errors.of(412, "PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
    }
    Answer answer =
        new Answer(200, Map.of(), artifact.get().manifest)
            .with("Content-Type", artifact.get().mediaType)
            .with("Docker-Content-Digest", artifact.get().digest);
    if (ask.method().equals("HEAD")) {
      return answer.with("Content-Length", Integer.toString(artifact.get().manifest.length));
    }
    events.send(
        project,
        repository,
        "PULL_ARTIFACT",
        artifact.get(),
        reference.startsWith("sha256:") ? null : reference);
    return answer;
  }

  private Answer blob(Ask ask) {
    Optional<Place> place = place(ask);
    if (place.isEmpty()) {
      return denied(ask);
    }
    String digest = ask.decoded("digest");
    Optional<Blob> found =
        place.get().repository().blobs().filter(each -> each.digest().equals(digest)).findFirst();
    if (found.isEmpty()) {
      return Errors.of(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
    Blob blob = found.get();
    Answer head =
        Answer.status(200)
            .with("Content-Type", "application/octet-stream")
            .with("Docker-Content-Digest", blob.digest());
    return ask.method().equals("HEAD")
        ? head.with("Content-Length", Long.toString(blob.size()))
        : new Answer(200, head.headers(), blob.bytes().get());
  }
}
