package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Harbor, as far as an outside enforcer of preheating meets it: systeminfo, projects, artifacts,
 * webhook policies, the token service, registry manifests and blobs, and webhook jobs.
 */
public final class HarborSimulator implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DEFAULT_PLATFORM = "linux/amd64";

  private final InstantSource clock;
  private final Content content = new Content();
  private final SimServer server;
  private final WebhookJobs jobs;
  private final Accounts accounts;
  private final WebhookEvents events;
  private final Pushes pushes;
  private final WebhookApi webhooks;

  /**
   * A Harbor without content.
   *
   * @param retryScale what Harbor's webhook back-off (minutes) is multiplied with
   */
  public HarborSimulator(InstantSource clock, double retryScale) {
    this(clock, retryScale, null);
  }

  /**
   * A Harbor without content.
   *
   * @param retryScale what Harbor's webhook back-off (minutes) is multiplied with
   * @param tls null: plain HTTP
   */
  public HarborSimulator(InstantSource clock, double retryScale, @Nullable SSLContext tls) {
    this.clock = clock;
    this.jobs = new WebhookJobs(retryScale);
    this.accounts = new Accounts(clock);
    this.server = new SimServer("harbor", clock, tls, 0);
    this.events = new WebhookEvents(server, clock, jobs, () -> content.settings.sendsEvents());
    this.pushes = new Pushes(content, events, clock);
    ApiGuard guard = new ApiGuard(content, accounts);
    new RestApi(server, content, accounts, guard, clock);
    this.webhooks = new WebhookApi(server, content, guard, clock);
    new PreheatApi(server, content, guard, clock);
    new RegistryApi(server, content, accounts, events, clock);
    server.fallback(ask -> Errors.notFound("path " + ask.rawPath() + " was not found")).start();
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

  @Override
  public void close() {
    jobs.close();
    server.close();
  }

  // System.

  /**
   * Makes it another version of Harbor 2.
   *
   * @param version such as v2.8.0
   */
  public void version(String version) {
    HarborSettings now = content.settings;
    content.settings = new HarborSettings(version, now.readOnly(), now.sendsEvents());
  }

  /** Makes Harbor refuse all changes, or take them again. */
  public void readOnly(boolean on) {
    HarborSettings now = content.settings;
    content.settings = new HarborSettings(now.version(), on, now.sendsEvents());
  }

  /** Switches the webhooks of all projects on or off, as an administrator can. */
  public void sendsEvents(boolean on) {
    HarborSettings now = content.settings;
    content.settings = new HarborSettings(now.version(), now.readOnly(), on);
  }

  // Accounts.

  /**
   * Adds a robot account, or gives it another secret.
   *
   * @param permissions such as {@code artifact:list}, or {@code shop/artifact:list} for one project
   *     only; none: it may do everything
   */
  public void addRobot(String name, String secret, String... permissions) {
    accounts.add(name, secret, Set.of(permissions));
  }

  /** Removes a robot account, as Harbor does when it expires. */
  public void removeRobot(String name) {
    accounts.remove(name);
  }

  /** How long tokens of the token service live. */
  public void tokenLife(Duration life) {
    accounts.tokenLife(life);
  }

  /** Makes all tokens worthless, as a new key of the token service does. */
  public void revokeTokens() {
    accounts.revokeTokens();
  }

  // Content.

  /** Adds a project. */
  public void createProject(String name, boolean isPublic) {
    content.projects.put(name, new Project(content.nextId(), name, isPublic));
  }

  /** Adds a project that is a proxy cache of a registry elsewhere. */
  public void createProxyCache(String name) {
    createProject(name, true);
    content.project(name).proxyCache = true;
  }

  /**
   * Somebody pulls an image through a proxy cache for the first time.
   *
   * @return the digest
   */
  public String pullThrough(
      String project, String repository, String tag, Map<String, Long> layers) {
    return pushes.pulledThrough(
        project, repository, tag, ManifestWriter.image("IMAGE", DEFAULT_PLATFORM, layers));
  }

  /** Switches a project's content trust gate: what cosign did not sign cannot be pulled. */
  public void contentTrust(String project, boolean on) {
    content.project(project).contentTrust = on;
  }

  /** Sets what Harbor calls metadata of a project, such as prevent_vul; nothing acts on it here. */
  public void projectSetting(String project, String name, String value) {
    content.project(project).settings.put(name, value);
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

  /** Pushes an artifact of another type, such as CNAI (a model) or CHART. */
  public String push(
      String project, String repository, String tag, String type, Map<String, Long> layers) {
    return pushes.tagged(
        project,
        repository,
        tag,
        type.equals(ModelFormat.MODELPACK.harborType)
            ? ManifestWriter.model(ModelFormat.MODELPACK, layers)
            : ManifestWriter.image(type, DEFAULT_PLATFORM, layers));
  }

  /**
   * Pushes a model.
   *
   * @param files sizes by name; the ending says what a file is
   * @return the digest
   */
  public String pushModel(
      String project, String repository, String tag, ModelFormat format, Map<String, Long> files) {
    return pushes.tagged(project, repository, tag, ManifestWriter.model(format, files));
  }

  /** Pushes a Nydus image under a tag of its own, attached to nothing. */
  public String pushNydus(String project, String repository, String tag, Map<String, Long> layers) {
    return pushes.tagged(
        project, repository, tag, ManifestWriter.nydus(DEFAULT_PLATFORM, layers, null));
  }

  /**
   * Pushes an index; each platform gets layers of its own. As Harbor does, one event is sent for
   * each manifest by digest, and one for the index by tag.
   *
   * @param platforms os/architecture, with a variant or without; unknown/unknown is an attestation
   * @return the digest of the index
   */
  public String pushIndex(
      String project,
      String repository,
      String tag,
      List<String> platforms,
      Map<String, Long> layers) {
    return pushes.index(
        project,
        repository,
        tag,
        platforms.stream().map(platform -> IndexEntry.ofPlatform(platform, layers)).toList());
  }

  /** Pushes an index of given entries, each manifest with its event. */
  public String pushIndex(String project, String repository, String tag, IndexEntry... entries) {
    return pushes.index(project, repository, tag, List.of(entries));
  }

  /** Pushes a stored artifact under another tag, which Harbor takes for a push. */
  public void retag(String project, String repository, String reference, String tag) {
    Project found = content.project(project);
    Artifact artifact = artifact(project, repository, reference);
    Repository stored = content.repository(found, repository, clock.instant());
    stored.tag(artifact, tag, clock.instant());
    events.send(found, stored, "PUSH_ARTIFACT", artifact, tag);
  }

  /** Tags in Harbor's own pages; Harbor sends no event for it. */
  public void tagInConsole(String project, String repository, String reference, String tag) {
    content
        .repository(content.project(project), repository, clock.instant())
        .tag(artifact(project, repository, reference), tag, clock.instant());
  }

  /** Puts a label on an artifact; Harbor sends no event for it. */
  public void addLabel(String project, String repository, String reference, String label) {
    artifact(project, repository, reference).labels.add(label);
  }

  /** Takes a label off an artifact; Harbor sends no event for it. */
  public void removeLabel(String project, String repository, String reference, String label) {
    artifact(project, repository, reference).labels.remove(label);
  }

  /**
   * Attaches a signature, such as signature.cosign, or another accessory; its push is an event by
   * digest.
   *
   * @return the accessory's digest
   */
  public String addAccessory(String project, String repository, String reference, String type) {
    Artifact subject = artifact(project, repository, reference);
    return pushes.attached(
        project, repository, subject, type, ManifestWriter.attached(type, subject), null);
  }

  /**
   * Attaches a copy in the Nydus format, as a converter does some time after the push.
   *
   * @param reference the tag or digest of what it is made of: of an index, one of its manifests
   * @param tag null: pushed by digest
   * @return the copy's digest
   */
  public String attachNydus(
      String project,
      String repository,
      String reference,
      @Nullable String tag,
      Map<String, Long> layers) {
    Artifact subject = artifact(project, repository, reference);
    return pushes.attached(
        project,
        repository,
        subject,
        "accelerator.nydus",
        ManifestWriter.nydus(DEFAULT_PLATFORM, layers, subject),
        tag);
  }

  /** Ends a vulnerability scan, with an event for each manifest of an index and none for it. */
  public void scanned(String project, String repository, String reference, String severity) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    Artifact artifact = artifact(project, repository, reference);
    if (artifact.children.isEmpty()) {
      artifact.severity = severity;
      artifact.unfinishedScan = null;
      String tag = artifact.tags.isEmpty() ? null : artifact.tags.iterator().next();
      events.send(found, stored, "SCANNING_COMPLETED", artifact, tag);
    }
    for (Content.Child child : artifact.children) {
      child.artifact().severity = severity;
      child.artifact().unfinishedScan = null;
      events.send(found, stored, "SCANNING_COMPLETED", child.artifact(), null);
    }
  }

  /** A scan of one manifest that has no report (yet): its status is such as Running or Error. */
  public void scanning(String project, String repository, String reference, String status) {
    artifact(project, repository, reference).unfinishedScan = status;
  }

  /** Digests of the manifests that an index names, in its order. */
  public List<String> children(String project, String repository, String reference) {
    return artifact(project, repository, reference).children.stream()
        .map(child -> child.artifact().digest)
        .toList();
  }

  /** Sets when an artifact was pushed, under all tags that it has. */
  public void pushedAt(String project, String repository, String reference, Instant time) {
    Artifact artifact = artifact(project, repository, reference);
    artifact.pushTime = time;
    artifact.tags.forEach(tag -> artifact.tagTimes.put(tag, time));
  }

  /** Digests of all blobs of a repository. */
  public Set<String> blobs(String project, String repository) {
    return content
        .repository(content.project(project), repository, clock.instant())
        .blobs()
        .map(Blob::digest)
        .collect(Collectors.toSet());
  }

  /** Deletes an artifact. */
  public void delete(String project, String repository, String digest) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    Artifact gone = stored.artifacts.remove(digest);
    if (gone != null) {
      String tag = gone.tags.isEmpty() ? null : gone.tags.iterator().next();
      events.send(found, stored, "DELETE_ARTIFACT", gone, tag);
    }
  }

  private Artifact artifact(String project, String repository, String reference) {
    return content
        .find(content.project(project), repository, reference)
        .orElseThrow(() -> new IllegalArgumentException("no artifact " + reference));
  }

  // Webhook policies.

  /** Webhook policies of a project, as they stand. */
  public List<JsonNode> webhookPolicies(String project) {
    return content.project(project).webhooks.values().stream()
        .<JsonNode>map(ObjectNode::deepCopy)
        .toList();
  }

  /** Adds a webhook policy for pushes and scans, as an administrator would by hand. */
  public void addWebhook(String project, String address, String authorization, String format) {
    ObjectNode policy = JSON.createObjectNode();
    policy.put("name", "by-hand-" + content.nextId()).put("enabled", true);
    policy.putArray("event_types").add("PUSH_ARTIFACT").add("SCANNING_COMPLETED");
    policy
        .putArray("targets")
        .addObject()
        .put("type", "http")
        .put("address", address)
        .put("auth_header", authorization)
        .put("payload_format", format);
    webhooks.add(content.project(project), policy);
  }

  /** Changes a webhook policy, as an administrator would by hand. */
  public void changeWebhook(String project, long id, Consumer<ObjectNode> change) {
    content
        .project(project)
        .webhooks
        .computeIfPresent(
            id,
            (same, policy) -> {
              ObjectNode changed = policy.deepCopy();
              change.accept(changed);
              return changed;
            });
  }

  /** Disables all webhook policies of a project, as an administrator would by hand. */
  public void disableWebhooks(String project) {
    content.project(project).webhooks.values().forEach(policy -> policy.put("enabled", false));
  }
}
