package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A Dragonfly Manager's Open API (2.4 to 2.5) with the schedulers and peers behind it. Creating a
 * job reads the manifest from the registry while the caller waits, and peers ask the registry for
 * every blob, with the headers that the job brought. Left out: the token exchange of a job without
 * an Authorization header, jobs of other types, updates.
 *
 * <p>Faults of single requests are programmed at {@link #server}; what lasts is set here.
 */
public final class DragonflySimulator implements AutoCloseable {
  private static final Pattern MANIFEST_URL =
      Pattern.compile("^https?://[^/]+/v2/.+/manifests/.+$");
  private static final int LONGEST_BIO = 1024;

  private final SimServer server;
  private final InstantSource clock;
  private final RegistrySource registry = new RegistrySource();
  private final Preheater preheater = new Preheater(registry);
  private final JobTable jobs;
  private final Map<Integer, SimCluster> clusters = new ConcurrentSkipListMap<>();
  private volatile PersonalAccessToken token;
  private volatile Duration jobTime = Duration.ofSeconds(5);
  private volatile long speed = Long.MAX_VALUE;
  private volatile int jobsPerSecond = 10;

  /**
   * A Manager with two seed peers and three normal ones in scheduler cluster 1.
   *
   * @param token the personal access token that it takes, with the scopes job and cluster
   */
  public DragonflySimulator(InstantSource clock, String token) {
    this(clock, token, null);
  }

  /**
   * The same.
   *
   * @param tls null: plain HTTP
   */
  public DragonflySimulator(InstantSource clock, String token, @Nullable SSLContext tls) {
    this.clock = clock;
    this.token = new PersonalAccessToken(token, Set.of("job", "cluster"), true, false);
    this.jobs = new JobTable(clock, preheater);
    addCluster(1, 2, 3);
    this.server =
        new SimServer("dragonfly", clock, tls, 0)
            .route("GET", "/healthy", ask -> Answer.json(200, "OK"))
            .route("GET", "/oapi/v1/clusters", signedIn("cluster", this::listClusters))
            .route("POST", "/oapi/v1/jobs", signedIn("job", this::create))
            .route("GET", "/oapi/v1/jobs", signedIn("job", this::list))
            .route("GET", "/oapi/v1/jobs/{id}", signedIn("job", this::get))
            .route("DELETE", "/oapi/v1/jobs/{id}", signedIn("job", this::delete))
            .fallback(ask -> Answer.status(301).with("Location", "/"))
            .start();
  }

  /** The base URL. */
  public String url() {
    return server.url();
  }

  /** The HTTP side: faults, log, down and up. */
  public SimServer server() {
    return server;
  }

  /** Adds a scheduler cluster; the hosts of cluster 2 are called seed-2-0 and node-2-0. */
  public void addCluster(int id, int seeds, int nodes) {
    clusters.put(id, new SimCluster(id, seeds, nodes));
  }

  /** Whether a cluster has an active scheduler. */
  public void schedulerActive(int cluster, boolean is) {
    cluster(cluster).schedulerActive(is);
  }

  /** Changes what the token permits. */
  public void token(Set<String> scopes, boolean active, boolean expired) {
    token = new PersonalAccessToken(token.value(), Set.copyOf(scopes), active, expired);
  }

  /** How fast time goes for the Manager: 0.01 makes its steps of 30 s come every 0.3 s. */
  public void timeScale(double scale) {
    jobs.timeScale(scale);
  }

  /** Jobs are done and recorded as soon as anyone looks. */
  public void finishAtOnce() {
    jobs.atOnce(true);
  }

  /** How long the peers take for one job beside its bytes, before the time scale. */
  public void jobTime(Duration time) {
    jobTime = time;
  }

  /** How fast peers download, before the time scale. */
  public void speed(long bytesPerSecond) {
    speed = bytesPerSecond;
  }

  /** How old the cached rows of another replica get, before the time scale; 30 s in Dragonfly. */
  public void staleReads(Duration age) {
    jobs.staleness(age);
  }

  /** The Manager's limit of created jobs a second and cluster. */
  public void rateLimit(int perSecond) {
    jobsPerSecond = perSecond;
  }

  /** Which blobs fail on which hosts. */
  public void blobFails(BiPredicate<String, String> fails) {
    preheater.blobFails(fails);
  }

  /** Whether jobs end SUCCESS though no peer fetched anything. */
  public void lying(boolean is) {
    preheater.lying(is);
  }

  /** The Manager forgets what it was watching: running jobs stay PENDING for ever. */
  public void restart() {
    jobs.orphan();
  }

  /** The Manager's garbage collection: all jobs are gone. */
  public void collectGarbage() {
    jobs.clear();
  }

  /** Hosts that hold a blob. */
  public List<String> holders(String digest) {
    jobs.settleAll();
    return clusters.values().stream()
        .flatMap(cluster ->
            cluster.peers().stream().map(SimPeer::host).filter(host -> cluster.holds(host, digest)))
        .sorted()
        .toList();
  }

  /** Whether a host holds a blob. */
  public boolean holds(String host, String digest) {
    return holders(digest).contains(host);
  }

  /** Takes a blob out of a host's cache. */
  public void evict(String host, String digest) {
    clusters.values().forEach(cluster -> cluster.evict(host, digest));
  }

  /** Addresses of a cluster's peers, seed peers or the others. */
  public List<String> addresses(int cluster, boolean seeds) {
    return cluster(cluster).peers(seeds).stream().map(SimPeer::ip).toList();
  }

  /** Manifest URLs of all jobs ever created that were not collected, oldest first. */
  public List<String> preheated() {
    return jobs.all().stream().map(JobRow::url).toList();
  }

  @Override
  public void close() {
    server.close();
    registry.close();
  }

  private SimCluster cluster(int id) {
    SimCluster cluster = clusters.get(id);
    if (cluster == null) {
      throw new IllegalArgumentException("no cluster " + id);
    }
    return cluster;
  }

  private SimServer.Handler signedIn(String scope, SimServer.Handler handler) {
    return ask -> {
      Optional<Answer> refusal = token.refuses(ask, scope);
      return refusal.isPresent() ? refusal.get() : handler.handle(ask);
    };
  }

  private Answer listClusters(Ask ask) {
    return page(
        ask,
        clusters.values().stream()
            .map(cluster ->
                Map.of(
                    "id",
                    cluster.id(),
                    "name",
                    "cluster-" + cluster.id(),
                    "bio",
                    "",
                    "scheduler_cluster_id",
                    cluster.id(),
                    "seed_peer_cluster_id",
                    cluster.id(),
                    "created_at",
                    "2026-01-01T00:00:00Z",
                    "updated_at",
                    "2026-01-01T00:00:00Z",
                    "is_default",
                    cluster.id() == 1))
            .toList());
  }

  private Answer create(Ask ask) {
    JsonNode body;
    try {
      body = ask.json();
    } catch (JsonProcessingException e) {
      return twice("invalid character in body");
    }
    Optional<String> wrong = JobCheck.envelope(body);
    if (wrong.isPresent()) {
      return body.path("type").asText("").isEmpty()
          ? twice(wrong.get())
          : Answer.json(422, Map.of("errors", wrong.get()));
    }
    List<SimCluster> wanted = new ArrayList<>();
    for (JsonNode id : body.path("scheduler_cluster_ids")) {
      SimCluster cluster = clusters.get(id.asInt());
      // An unknown cluster has no limiter, and that reads as its limit being reached.
      if (cluster == null || cluster.limited(clock.instant().getEpochSecond(), jobsPerSecond)) {
        return Answer.text(429, "rate limit exceeded");
      }
      wanted.add(cluster);
    }
    Optional<String> unfit = JobCheck.arguments(body.path("args"));
    if (unfit.isPresent()) {
      return Answer.json(422, Map.of("errors", unfit.get()));
    }
    return start(body.deepCopy(), wanted.isEmpty() ? clusters.values() : wanted);
  }

  private Answer start(ObjectNode request, Collection<SimCluster> wanted) {
    List<SimCluster> active = wanted.stream().filter(SimCluster::schedulerActive).toList();
    if (active.isEmpty()) {
      return message(500, "candidate schedulers not found");
    }
    String url = request.at("/args/url").asText();
    if (!MANIFEST_URL.matcher(url).matches()) {
      return message(500, "parse access url failed");
    }
    List<RegistrySource.Blob> blobs;
    try {
      blobs =
          registry.blobs(
              url,
              request.at("/args/headers/Authorization").asText(""),
              request.at("/args/platform").asText("linux/amd64"));
    } catch (IOException e) {
      return message(500, String.valueOf(e.getMessage()));
    }
    if (request.path("bio").asText("").length() > LONGEST_BIO) {
      return message(500, "Internal Server Error");
    }
    long bytes = blobs.stream().mapToLong(RegistrySource.Blob::size).sum();
    Duration download = Duration.ofMillis((long) (1000.0 * bytes / speed));
    return Answer.json(
        200, jobs.describe(jobs.add(request, blobs, active, jobTime.plus(download)), true));
  }

  private Answer list(Ask ask) {
    return page(
        ask,
        jobs.all().stream()
            .sorted(Comparator.comparingLong((JobRow job) -> job.id).reversed())
            .map(job -> jobs.describe(job, false))
            .filter(job -> ask.query("type").map(job.path("type").asText()::equals).orElse(true))
            .filter(job -> ask.query("state").map(job.path("state").asText()::equals).orElse(true))
            .toList());
  }

  private Answer get(Ask ask) {
    if (!ask.variable("id").matches("[0-9]{1,18}")) {
      return Answer.json(422, Map.of("errors", "strconv.ParseUint: invalid syntax"));
    }
    return jobs.find(Long.parseLong(ask.variable("id")))
        .map(job -> Answer.json(200, jobs.describe(job, true)))
        .orElseGet(() -> message(404, "record not found"));
  }

  private Answer delete(Ask ask) {
    jobs.remove(Long.parseLong(ask.variable("id")));
    return Answer.status(200);
  }

  private static Answer page(Ask ask, List<?> all) {
    String page = ask.query("page").orElse("1");
    String size = ask.query("per_page").orElse("10");
    if (!page.matches("[1-9][0-9]{0,8}") || !size.matches("[1-9][0-9]{0,7}")) {
      return Answer.json(422, Map.of("errors", "Field validation for 'PerPage' failed"));
    }
    int perPage = Integer.parseInt(size);
    long from = Math.min((Long.parseLong(page) - 1) * perPage, all.size());
    long last = Math.max(1, (all.size() + perPage - 1) / perPage);
    return Answer.json(200, all.subList((int) from, (int) Math.min(from + perPage, all.size())))
        .with("Link", "<" + ask.rawPath() + "?page=" + last + ">;rel=last");
  }

  /** The rate limiter's complaint, and then the handler's own. */
  private static Answer twice(String text) {
    String once = "{\"errors\":\"" + text + "\"}";
    return new Answer(
        422,
        Map.of("Content-Type", "application/json; charset=utf-8"),
        (once + once).getBytes(StandardCharsets.UTF_8));
  }

  private static Answer message(int status, String text) {
    return Answer.json(status, Map.of("message", text));
  }
}
