package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.http.HiddenText;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Harbor, as far as the operator needs it: one method a call. Facts about the API are from Harbor's
 * published OpenAPI description (v2.0) and hold for Harbor 2.8 and later.
 */
public final class HarborClient {
  /**
   * What Harbor says of itself.
   *
   * @param version null when Harbor did not take the credential
   * @param time Harbor's clock; null when Harbor did not take the credential
   */
  public record SystemInfo(
      @Nullable String version, boolean authenticated, boolean readOnly, @Nullable Instant time) {}

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

  private static final Logger log = LoggerFactory.getLogger(HarborClient.class);

  /** The most that Harbor gives at once. */
  private static final int PAGE = 100;

  // Scan overviews make listing an order of magnitude slower in Harbor.
  private static final int PAGE_WITH_SCAN = 50;
  // The published description shows a space between date and time; Harbor's code wants the T.
  private static final DateTimeFormatter QUERY_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final Pattern LAST_NUMBER = Pattern.compile("/([0-9]{1,18})/?$");

  private final HarborApi api;
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
    this.api = new HarborApi(system);
    this.tokens = new PullTokens(system, clock);
    this.manifests = new ManifestReader(system, pullUrl, tokens);
  }

  /**
   * Asks Harbor who it is. Harbor takes a caller with a wrong credential for an anonymous one, and
   * tells its version to nobody who is anonymous; so this also shows whether the credential is
   * good.
   */
  public SystemInfo systemInfo() throws RemoteCallException {
    JsonNode info = api.get(api.url("systeminfo").build());
    String version = info.path("harbor_version").asText("");
    return new SystemInfo(
        version.isEmpty() ? null : version,
        !version.isEmpty(),
        info.path("read_only").asBoolean(false),
        ArtifactJson.time(info.path("current_time").asText("")));
  }

  /** All projects that the account can see, each once. */
  public List<Project> projects() throws RemoteCallException {
    Map<Long, Project> all = new LinkedHashMap<>();
    api.pages(
        api.url("projects")
            .addQueryParameter("with_detail", "false")
            .addQueryParameter("sort", "name"),
        PAGE,
        json -> {
          Project project =
              new Project(
                  json.path("project_id").asLong(),
                  json.path("name").asText(""),
                  "true".equals(json.path("metadata").path("public").asText("")),
                  json.path("registry_id").asLong(0) > 0);
          all.put(project.id(), project);
        });
    return List.copyOf(all.values());
  }

  /** One artifact, by tag or digest; empty when Harbor does not have it. */
  public Optional<HarborArtifact> artifact(
      String project, String repository, String reference, HarborArtifact.Detail detail)
      throws RemoteCallException {
    HttpUrl url =
        asking(
                api.project(project, artifacts(repository) + "/" + HarborApi.once(reference)),
                detail)
            .build();
    JsonNode json;
    try {
      json = api.get(url);
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(
        ArtifactJson.read(project, json)
            .orElseThrow(() ->
                api.unexpected("described " + project + "/" + repository + " without a digest")));
  }

  /**
   * Lists artifacts; each is passed on as its page arrives, and once. Pages are no snapshot: what
   * is deleted meanwhile can hide an artifact, which the next listing shows.
   */
  public void artifacts(String project, ArtifactQuery query, ArtifactSink sink)
      throws RemoteCallException {
    Set<String> seen = new HashSet<>();
    api.pages(
        listing(project, query).addQueryParameter("sort", "id"),
        pageSize(query),
        json -> {
          Optional<HarborArtifact> artifact = read(project, json);
          if (artifact.isPresent()
              && seen.add(artifact.get().repository() + "@" + artifact.get().digest())) {
            sink.take(artifact.get());
          }
        });
  }

  /**
   * One page of a listing, what was pushed earliest first, so that what is pushed or deleted
   * meanwhile hides nothing from who goes on by time of push.
   *
   * @param page counted from 1
   */
  public ArtifactPage artifactsByPush(String project, ArtifactQuery query, int page)
      throws RemoteCallException {
    HarborApi.Page found =
        api.page(
            listing(project, query).addQueryParameter("sort", "push_time,id"),
            pageSize(query),
            page);
    List<HarborArtifact> artifacts = new ArrayList<>();
    for (JsonNode json : found.items()) {
      read(project, json).ifPresent(artifacts::add);
    }
    return new ArtifactPage(artifacts, found.more());
  }

  private static Optional<HarborArtifact> read(String project, JsonNode json) {
    Optional<HarborArtifact> artifact = ArtifactJson.read(project, json);
    if (artifact.isEmpty()) {
      log.atWarn().addKeyValue("project", project).log("Artifact without a digest skipped");
    }
    return artifact;
  }

  private HttpUrl.Builder listing(String project, ArtifactQuery query) {
    String repository = query.repository();
    HttpUrl.Builder url =
        asking(
            api.project(project, repository == null ? "artifacts" : artifacts(repository)),
            query.detail());
    List<String> terms = new ArrayList<>();
    if (query.taggedOnly()) {
      terms.add("tags=*");
    }
    if (query.pushedSince() != null) {
      terms.add("push_time=[" + QUERY_TIME.format(query.pushedSince()) + "~]");
    }
    if (!terms.isEmpty()) {
      url.addQueryParameter("q", String.join(",", terms));
    }
    return url;
  }

  private static int pageSize(ArtifactQuery query) {
    return query.detail().scan() ? PAGE_WITH_SCAN : PAGE;
  }

  private static String artifacts(String repository) {
    return "repositories/" + HarborApi.repository(repository) + "/artifacts";
  }

  private static HttpUrl.Builder asking(HttpUrl.Builder url, HarborArtifact.Detail detail) {
    url.addQueryParameter("with_tag", "true");
    if (detail.labels()) {
      url.addQueryParameter("with_label", "true");
    }
    if (detail.accessories()) {
      url.addQueryParameter("with_accessory", "true");
    }
    if (detail.scan()) {
      url.addQueryParameter("with_scan_overview", "true");
    }
    return url;
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
    api.pages(
        api.project(project, "webhook/policies").addQueryParameter("sort", "id"),
        PAGE,
        json -> {
          WebhookPolicy policy = WebhookPolicy.read(json);
          all.put(policy.id(), policy);
        });
    return List.copyOf(all.values());
  }

  /**
   * Creates a webhook policy.
   *
   * @return its id; 0 when Harbor did not tell
   */
  public long createWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    Reply reply = api.send(writing(api.project(project, "webhook/policies"), policy, "POST"));
    String location = reply.headers().get("Location");
    Matcher id = LAST_NUMBER.matcher(location == null ? "" : location);
    return id.find() ? Long.parseLong(id.group(1)) : 0;
  }

  /** Replaces the webhook policy that has the same id. */
  public void updateWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    api.send(writing(api.project(project, "webhook/policies/" + policy.id()), policy, "PUT"));
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
          HarborApi.request(api.project(project, "webhook/policies/" + id).build())
              .delete()
              .build());
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }
}
