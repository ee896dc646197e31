package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.HiddenText;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Harbor, as far as the operator needs it: one method a call. Facts about the API are from Harbor's
 * published OpenAPI description (v2.0) and hold for Harbor 2.8 and later.
 */
public final class HarborClient {
  /**
   * What Harbor says of itself.
   *
   * @param version null when Harbor did not take the credential
   * @param readOnly whether an administrator has made Harbor refuse all changes
   * @param sendsEvents false when an administrator has switched webhooks off for all projects
   * @param time Harbor's clock; null when Harbor did not take the credential
   */
  public record SystemInfo(
      @Nullable String version,
      boolean authenticated,
      boolean readOnly,
      boolean sendsEvents,
      @Nullable Instant time) {}

  /** A project. */
  public record Project(long id, String name, boolean isPublic, boolean proxyCache) {}

  /**
   * Which artifacts to list.
   *
   * @param repository null: of the whole project
   * @param pushedSince null: whenever
   */
  public record ArtifactQuery(
      @Nullable String repository,
      @Nullable Instant pushedSince,
      boolean taggedOnly,
      HarborArtifact.Detail detail) {}

  /** Some artifacts, and whether there are more. */
  public record ArtifactPage(List<HarborArtifact> artifacts, boolean more) {}

  /** Where listed artifacts go. */
  @FunctionalInterface
  public interface ArtifactSink {
    /** Takes one; what it throws ends the listing. */
    void take(HarborArtifact artifact) throws RemoteCallException;
  }

  private static final Pattern LAST_NUMBER = Pattern.compile("/([0-9]{1,18})/?$");

  private final RemoteSystem system;
  private final HarborApi api;
  private final ArtifactLists artifacts;
  private final PullTokens tokens;
  private final ManifestReader manifests;

  /**
   * A client.
   *
   * @param system Harbor; its API, token service and registry are below one base URL
   * @param pullUrl base URL from which P2P clients pull
   */
  public HarborClient(RemoteSystem system, String pullUrl) {
    this(system, pullUrl, InstantSource.system());
  }

  HarborClient(RemoteSystem system, String pullUrl, InstantSource clock) {
    this.system = system;
    this.api = new HarborApi(system);
    this.artifacts = new ArtifactLists(api);
    this.tokens = new PullTokens(system, clock);
    this.manifests = new ManifestReader(system, pullUrl, tokens);
  }

  /**
   * Sees to it that the credentials are not shown, for one who uses them long after their Secret
   * was read.
   */
  public void hideCredentials() {
    system.hideCredentials();
  }

  /**
   * Asks Harbor who it is. Harbor takes a caller with a wrong credential for an anonymous one, and
   * tells its version to no one who is anonymous; so this also shows whether the credential is
   * good.
   */
  public SystemInfo systemInfo() throws RemoteCallException {
    JsonNode info = api.get(api.url("systeminfo").build(), AnswerLimit.PROBE);
    String version = info.path("harbor_version").asText("");
    return new SystemInfo(
        version.isEmpty() ? null : version,
        !version.isEmpty(),
        info.path("read_only").asBoolean(false),
        info.path("notification_enable").asBoolean(true),
        ArtifactJson.time(info.path("current_time").asText("")));
  }

  /**
   * All projects that the account can see, each once; one whose name can be none is passed over.
   */
  public List<Project> projects() throws RemoteCallException {
    Map<Long, Project> all = new LinkedHashMap<>();
    api.each(
        api.url("projects")
            .addQueryParameter("with_detail", "false")
            .addQueryParameter("sort", "name"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        json -> {
          String name = json.path("name").asText("");
          return Grammar.PROJECT.accepts(name)
              ? new Project(
                  json.path("project_id").asLong(),
                  name,
                  "true".equals(json.path("metadata").path("public").asText("")),
                  json.path("registry_id").asLong(0) > 0)
              : null;
        },
        project -> all.put(project.id(), project));
    return List.copyOf(all.values());
  }

  /** One artifact, by tag or digest; empty when Harbor does not have it. */
  public Optional<HarborArtifact> artifact(
      String project, String repository, String reference, HarborArtifact.Detail detail)
      throws RemoteCallException {
    return artifacts.one(project, repository, reference, detail);
  }

  /**
   * Lists artifacts; each is passed on as its page arrives, and once. Pages are no snapshot: what
   * is deleted meanwhile can hide an artifact, which the next listing shows.
   */
  public void artifacts(String project, ArtifactQuery query, ArtifactSink sink)
      throws RemoteCallException {
    artifacts.list(project, query, sink);
  }

  /**
   * One page of a listing, what was pushed earliest first, so that what is pushed or deleted
   * meanwhile hides nothing from who goes on by time of push.
   *
   * @param page counted from 1
   */
  public ArtifactPage artifactsByPush(String project, ArtifactQuery query, int page)
      throws RemoteCallException {
    return artifacts.byPush(project, query, page);
  }

  /**
   * The manifest of one platform with its blobs; empty when the registry does not have it.
   *
   * @throws RemoteCallException also when the digest is that of an index, or of something without
   *     layers
   */
  public Optional<ImageManifest> manifest(String project, String repository, String digest)
      throws RemoteCallException {
    return manifests.readBlobs(project, repository, digest);
  }

  /**
   * What the registry has under a digest; empty when it has nothing there.
   *
   * @throws RemoteCallException also when it is of a kind that lists neither layers nor manifests
   */
  public Optional<Manifest> anyManifest(String project, String repository, String digest)
      throws RemoteCallException {
    return manifests.read(project, repository, digest);
  }

  /** A fresh right to pull from one repository. */
  public PullAuthorization pullAuthorization(String project, String repository)
      throws RemoteCallException {
    return tokens.mint(project + "/" + repository);
  }

  /** The webhook policies of a project. */
  public List<WebhookPolicy> webhookPolicies(String project) throws RemoteCallException {
    Map<Long, WebhookPolicy> all = new LinkedHashMap<>();
    api.each(
        api.project(project, "webhook", "policies").addQueryParameter("sort", "id"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        WebhookPolicy::read,
        policy -> all.put(policy.id(), policy));
    return List.copyOf(all.values());
  }

  /**
   * Creates a webhook policy.
   *
   * @return its id; 0 when Harbor did not tell
   */
  public long createWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    Reply reply = api.send(writing(api.project(project, "webhook", "policies"), policy, "POST"));
    String location = reply.headers().get("Location");
    Matcher id = LAST_NUMBER.matcher(location == null ? "" : location);
    return id.find() ? Long.parseLong(id.group(1)) : 0;
  }

  /** Replaces the webhook policy that has the same id. */
  public void updateWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    api.send(
        writing(
            api.project(project, "webhook", "policies", Long.toString(policy.id())),
            policy,
            "PUT"));
  }

  private static Request writing(HttpUrl.Builder url, WebhookPolicy policy, String method) {
    return HarborApi.request(url.build())
        .method(method, RemoteSystem.jsonBody(policy.write()))
        .tag(HiddenText.class, new HiddenText(policy.authHeader()))
        .build();
  }

  /** Deletes a webhook policy; one that is gone is no matter. */
  public void deleteWebhookPolicy(String project, long id) throws RemoteCallException {
    try {
      api.send(
          HarborApi.request(api.project(project, "webhook", "policies", Long.toString(id)).build())
              .delete()
              .build());
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }
}
