package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
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
   */
  public record SystemInfo(@Nullable String version, boolean authenticated, boolean readOnly) {}

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

  private static final int PAGE = 100;
  // Scan overviews make listing an order of magnitude slower in Harbor.
  private static final int PAGE_WITH_SCAN = 50;
  private static final int MANIFEST_LIMIT = 8 * 1024 * 1024;
  private static final DateTimeFormatter QUERY_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final String MANIFEST_TYPES =
      String.join(
          ", ",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json");

  private final RemoteSystem api;
  private final String pullUrl;
  private final PullTokens tokens;

  /**
   * A client.
   *
   * @param pullUrl base URL from which P2P clients pull
   */
  public HarborClient(RemoteSystem api, String pullUrl) {
    this.api = api;
    this.pullUrl = pullUrl;
    this.tokens = new PullTokens(api);
  }

  /** Asks Harbor who it is; also shows whether the credential is good. */
  public SystemInfo systemInfo() throws RemoteCallException {
    JsonNode info = api.getJson(v2("systeminfo").build());
    String version = info.path("harbor_version").asText("");
    return new SystemInfo(
        version.isEmpty() ? null : version,
        !version.isEmpty(),
        info.path("read_only").asBoolean(false));
  }

  /** All projects that the account can see. */
  public List<Project> projects() throws RemoteCallException {
    List<Project> all = new ArrayList<>();
    pages(
        v2("projects").addQueryParameter("with_detail", "false"),
        PAGE,
        project ->
            all.add(
                new Project(
                    project.path("project_id").asLong(),
                    project.path("name").asText(),
                    "true".equals(project.path("metadata").path("public").asText("")),
                    project.path("registry_id").asLong(0) > 0)));
    return all;
  }

  /**
   * One artifact, by tag or digest; empty when Harbor does not have it or does not show it to the
   * account.
   */
  public Optional<HarborArtifact> artifact(
      String project, String repository, String reference, HarborArtifact.Detail detail)
      throws RemoteCallException {
    HttpUrl.Builder url =
        v2(
            "projects/"
                + once(project)
                + "/repositories/"
                + twice(repository)
                + "/artifacts/"
                + once(reference));
    try {
      return Optional.of(ArtifactJson.read(project, get(details(url, detail))));
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Lists artifacts; each is passed on as its page arrives. */
  public void artifacts(String project, ArtifactQuery query, Consumer<HarborArtifact> sink)
      throws RemoteCallException {
    String path =
        query.repository() == null
            ? "projects/" + once(project) + "/artifacts"
            : "projects/"
                + once(project)
                + "/repositories/"
                + twice(query.repository())
                + "/artifacts";
    HttpUrl.Builder url = details(v2(path), query.detail());
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
    url.addQueryParameter("sort", "id");
    Set<String> seen = new HashSet<>();
    pages(
        url,
        query.detail().scan() ? PAGE_WITH_SCAN : PAGE,
        json -> {
          HarborArtifact artifact = ArtifactJson.read(project, json);
          // Pages are no snapshot: a push while paging can show an artifact twice.
          if (seen.add(artifact.repository() + "@" + artifact.digest())) {
            sink.accept(artifact);
          }
        });
  }

  /**
   * The manifest of one platform with its blobs; empty when the registry does not have it.
   *
   * @throws RemoteCallException also when the digest is that of an index
   */
  public Optional<ImageManifest> manifest(String project, String repository, String digest)
      throws RemoteCallException {
    String name = project + "/" + repository;
    PullAuthorization authorization = tokens.get(name);
    Request.Builder request =
        new Request.Builder()
            .url(api.url("v2/" + name + "/manifests/" + digest).build())
            .header("Accept", MANIFEST_TYPES);
    authorization.header().ifPresent(value -> request.header("Authorization", value));
    Reply reply;
    try {
      reply = api.send(request.build(), MANIFEST_LIMIT);
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
    JsonNode json = reply.json();
    String contentType = reply.headers().get("Content-Type");
    String mediaType =
        json.path("mediaType").asText(contentType == null ? "" : contentType.split(";", 2)[0]);
    if (json.path("manifests").isArray()) {
      throw unexpected(name + "@" + digest + " is an index, not a manifest");
    }
    if (!json.path("layers").isArray()) {
      throw unexpected(
          name + "@" + digest + " has media type " + mediaType + ", which lists no layers");
    }
    Map<String, ImageManifest.Blob> blobs = new LinkedHashMap<>();
    List<JsonNode> descriptors = new ArrayList<>();
    descriptors.add(json.path("config"));
    json.path("layers").forEach(descriptors::add);
    for (JsonNode descriptor : descriptors) {
      String blob = descriptor.path("digest").asText("");
      if (!blob.isEmpty()) {
        blobs.putIfAbsent(blob, new ImageManifest.Blob(blob, descriptor.path("size").asLong()));
      }
    }
    return Optional.of(
        new ImageManifest(
            pullUrl, project, repository, digest, mediaType, List.copyOf(blobs.values())));
  }

  /** A fresh right to pull from one repository. */
  public PullAuthorization pullAuthorization(String project, String repository)
      throws RemoteCallException {
    return tokens.mint(project + "/" + repository);
  }

  /** The webhook policies of a project. */
  public List<WebhookPolicy> webhookPolicies(String project) throws RemoteCallException {
    List<WebhookPolicy> all = new ArrayList<>();
    pages(
        v2("projects/" + once(project) + "/webhook/policies"),
        PAGE,
        json -> all.add(WebhookPolicy.read(json)));
    return all;
  }

  /** Creates a webhook policy. */
  public void createWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    api.send(
        named(v2("projects/" + once(project) + "/webhook/policies"))
            .post(RemoteSystem.jsonBody(policy.write()))
            .build());
  }

  /** Replaces a webhook policy. */
  public void updateWebhookPolicy(String project, WebhookPolicy policy) throws RemoteCallException {
    api.send(
        named(v2("projects/" + once(project) + "/webhook/policies/" + policy.id()))
            .put(RemoteSystem.jsonBody(policy.write()))
            .build());
  }

  /** Deletes a webhook policy; one that is gone is no matter. */
  public void deleteWebhookPolicy(String project, long id) throws RemoteCallException {
    try {
      api.send(named(v2("projects/" + once(project) + "/webhook/policies/" + id)).delete().build());
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }

  private void pages(HttpUrl.Builder url, int size, Consumer<JsonNode> sink)
      throws RemoteCallException {
    for (int page = 1; ; page++) {
      HttpUrl one =
          url.setQueryParameter("page", Integer.toString(page))
              .setQueryParameter("page_size", Integer.toString(size))
              .build();
      Reply reply = api.send(withReport(named(one), one).get().build());
      JsonNode json = reply.json();
      // Go writes an empty list as null.
      json.forEach(sink);
      // The Link header is not a valid URI in Harbor; the total is the safe way.
      String total = reply.headers().get("X-Total-Count");
      boolean counted = total != null && total.matches("[0-9]{1,18}");
      boolean more = counted ? (long) page * size < Long.parseLong(total) : json.size() == size;
      if (!more || json.isEmpty()) {
        return;
      }
    }
  }

  private JsonNode get(HttpUrl.Builder url) throws RemoteCallException {
    HttpUrl built = url.build();
    return api.send(withReport(named(built), built).get().build()).json();
  }

  private static HttpUrl.Builder details(HttpUrl.Builder url, HarborArtifact.Detail detail) {
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

  private static Request.Builder withReport(Request.Builder request, HttpUrl url) {
    return url.queryParameter("with_scan_overview") == null
        ? request
        : request.header(
            "X-Accept-Vulnerabilities",
            "application/vnd.security.vulnerability.report; version=1.1,"
                + " application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0");
  }

  private static Request.Builder named(HttpUrl.Builder url) {
    return named(url.build());
  }

  /** A project may be called by a number; this header keeps it from being taken for an id. */
  private static Request.Builder named(HttpUrl url) {
    return new Request.Builder()
        .url(url)
        .header("Accept", "application/json")
        .header("X-Is-Resource-Name", "true");
  }

  private HttpUrl.Builder v2(String path) {
    return api.url("api/v2.0/" + path);
  }

  private static String once(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Harbor decodes the repository name once more than usual. */
  private static String twice(String repository) {
    return repository.contains("/") ? once(once(repository)) : once(repository);
  }

  private RemoteCallException unexpected(String message) {
    return new RemoteCallException(
        FailureClass.PERMANENT, Reason.NOT_PREHEATABLE, 0, message, null, false, null);
  }

  /** Reads Harbor's description of an artifact. */
  private static final class ArtifactJson {
    private ArtifactJson() {}

    static HarborArtifact read(String project, JsonNode json) {
      String full = json.path("repository_name").asText("");
      String repository =
          full.startsWith(project + "/") ? full.substring(project.length() + 1) : full;
      List<String> tags = new ArrayList<>();
      json.path("tags").forEach(tag -> tags.add(tag.path("name").asText()));
      Set<String> labels = new HashSet<>();
      json.path("labels").forEach(label -> labels.add(label.path("name").asText()));
      Set<SignatureKind> signatures = new HashSet<>();
      for (JsonNode accessory : json.path("accessories")) {
        switch (accessory.path("type").asText("")) {
          case "signature.cosign" -> signatures.add(SignatureKind.COSIGN);
          case "signature.notation" -> signatures.add(SignatureKind.NOTATION);
          default -> {}
        }
      }
      List<HarborArtifact.Child> children = new ArrayList<>();
      for (JsonNode reference : json.path("references")) {
        children.add(
            new HarborArtifact.Child(
                reference.path("child_digest").asText(), platform(reference.path("platform"))));
      }
      String mediaType =
          json.path("manifest_media_type").asText(json.path("media_type").asText(""));
      return new HarborArtifact(
          project,
          repository,
          json.path("digest").asText(),
          json.path("type").asText("UNKNOWN"),
          mediaType,
          json.path("size").asLong(),
          List.copyOf(tags),
          Set.copyOf(labels),
          Set.copyOf(signatures),
          scan(json.path("scan_overview")),
          time(json.path("push_time").asText("")),
          List.copyOf(children));
    }

    private static @Nullable String platform(JsonNode platform) {
      String os = platform.path("os").asText("");
      String architecture = platform.path("architecture").asText("");
      if (os.isEmpty() || architecture.isEmpty() || os.equals("unknown")) {
        return null;
      }
      String variant = platform.path("variant").asText("");
      return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }

    /** The report of the first scanner; the key is the report's media type. */
    private static HarborArtifact.Scan scan(JsonNode overview) {
      for (JsonNode report : overview) {
        boolean finished = "Success".equals(report.path("scan_status").asText(""));
        return new HarborArtifact.Scan(
            finished, finished ? report.path("severity").asText("Unknown") : null);
      }
      return HarborArtifact.Scan.NONE;
    }

    private static @Nullable Instant time(String text) {
      try {
        Instant time = Instant.parse(text);
        // Go's zero time is the year 1.
        return time.isBefore(Instant.EPOCH) ? null : time;
      } catch (java.time.format.DateTimeParseException e) {
        return null;
      }
    }
  }
}
