package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiPredicate;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A Dragonfly: the Manager with its Open API or its legacy preheats, the schedulers and peers
 * behind it, and a peer's proxy. Creating a job reads the manifest from the registry while the
 * caller waits, and peers ask the registry for every blob, with the headers that the job brought.
 * Left out: the token exchange of a job without an Authorization header, and the console's own API.
 *
 * <p>Faults of single requests are programmed at {@link #server}; what lasts is set here.
 */
public final class DragonflySimulator implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SimServer server;
  private final RegistrySource registry = new RegistrySource();
  private final Preheater preheater = new Preheater(registry);
  private final Replicas replicas;
  private final JobTable jobs;
  private final Map<Integer, SimCluster> clusters = new ConcurrentSkipListMap<>();
  private final OpenApi openApi;
  private final PeerProxy proxy;

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
    this.replicas = new Replicas(clock);
    this.jobs = new JobTable(clock, preheater, replicas::written);
    addCluster(1, 2, 3);
    this.openApi =
        new OpenApi(
            clock,
            registry,
            jobs,
            replicas,
            clusters,
            new PersonalAccessToken(token, Set.of("job", "cluster"), true, false));
    this.server =
        new SimServer("dragonfly", clock, tls, 0)
            .route(
                "GET",
                "/healthy",
                ask -> openApi.version.openApi() ? Answer.json(200, "OK") : Answer.status(404))
            .fallback(ask -> Answer.status(301).with("Location", "/"));
    openApi.routes(server);
    new LegacyApi(openApi, jobs, this::everyCluster).routes(server);
    server.start();
    this.proxy = new PeerProxy(clock, registry, cluster(1));
  }

  /** The base URL. */
  public String url() {
    return server.url();
  }

  /** The HTTP side: faults, log, down and up. */
  public SimServer server() {
    return server;
  }

  /** The proxy of a seed peer of cluster 1. */
  public SimServer proxy() {
    return proxy.server();
  }

  /** Whether the peers' proxies go by blob digest, as in Dragonfly's chart since 1.5.6. */
  public void proxiesGoByDigest(boolean is) {
    proxy.byDigest(is);
  }

  /** Whether a pull through a host's proxy would find a blob in its cache. */
  public boolean hits(String host, String blobUrl) {
    jobs.settleAll();
    return clusters.values().stream().anyMatch(cluster -> cluster.hasTask(host, proxy.id(blobUrl)));
  }

  /** Behaves as another version from now on; what runs already is recorded as that one does. */
  public void version(ManagerVersion version) {
    openApi.version = version;
    jobs.version(version);
  }

  /** Adds a scheduler cluster; the hosts of cluster 2 are called seed-2-0 and node-2-0. */
  public void addCluster(int id, int seeds, int nodes) {
    clusters.put(id, new SimCluster(id, seeds, nodes));
  }

  /** Whether a cluster has an active scheduler. */
  public void schedulerActive(int cluster, boolean is) {
    cluster(cluster).schedulerActive(is);
  }

  /** A cluster's scheduler starts again, and remembers no task. */
  public void restartScheduler(int cluster) {
    jobs.settleAll();
    cluster(cluster).restartScheduler();
  }

  /** Whether the Manager's Redis is away. */
  public void redisDown(boolean is) {
    openApi.redisDown = is;
  }

  /** Changes what the token permits. */
  public void token(Set<String> scopes, boolean active, boolean expired) {
    openApi.token =
        new PersonalAccessToken(openApi.token.value(), Set.copyOf(scopes), active, expired);
  }

  /** Takes another token from now on, and no longer the one before. */
  public void rotateToken(String value) {
    PersonalAccessToken before = openApi.token;
    openApi.token =
        new PersonalAccessToken(value, before.scopes(), before.active(), before.expired());
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
    openApi.jobTime = time;
  }

  /** How fast peers download, before the time scale. */
  public void speed(long bytesPerSecond) {
    openApi.speed = bytesPerSecond;
  }

  /**
   * How many replicas the Manager has, each of which remembers what it was asked for up to 30 s.
   * Without this there is one, which remembers nothing.
   */
  public void replicas(int count) {
    replicas.count(count);
  }

  /** The Manager's limit of created jobs a second and cluster. */
  public void rateLimit(int perSecond) {
    openApi.jobsPerSecond = perSecond;
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

  /**
   * Puts running jobs into the table, as if somebody had just created them.
   *
   * @param takes how long each takes, before the time scale
   * @param digests blobs that the seed peers of cluster 1 will hold then
   * @return their ids
   */
  public List<Long> seed(List<Duration> takes, String manifestUrl, List<String> digests) {
    List<SimCluster> active = List.of(cluster(1));
    List<Long> ids = new ArrayList<>();
    for (Duration time : takes) {
      ObjectNode request = JSON.createObjectNode().put("type", "preheat");
      request
          .put("bio", "seed/1")
          .putObject("args")
          .put("type", "image")
          .put("url", manifestUrl)
          .put("scope", "all_seed_peers")
          .putObject("headers")
          // As long as a token of Harbor's.
          .put("Authorization", "Bearer " + "x".repeat(1200));
      JobRow job = jobs.add(request, List.of(), active, time, replicas.next());
      job.outcome = preheater.held(job, digests);
      ids.add(job.id);
    }
    return ids;
  }

  /** Hosts that hold a blob, under whatever id. */
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

  /**
   * The time that the peers were at work for a job.
   *
   * @param bio what the job was created with
   */
  public record Span(String bio, Instant from, Instant to) {}

  /** When the peers were at work for which preheat, oldest first. */
  public List<Span> spans() {
    return jobs.all().stream()
        .filter(job -> job.type().equals("preheat"))
        .map(job ->
            new Span(job.request.path("bio").asText(), job.created, job.created.plus(job.takes)))
        .toList();
  }

  /** URLs of all preheats ever created that were not collected, oldest first. */
  public List<String> preheated() {
    return jobs.all().stream()
        .filter(job -> job.type().equals("preheat"))
        .map(job -> job.url().isEmpty() ? job.args().at("/urls/0").asText() : job.url())
        .toList();
  }

  @Override
  public void close() {
    server.close();
    proxy.server().close();
    registry.close();
  }

  private Collection<SimCluster> everyCluster() {
    return clusters.values();
  }

  private SimCluster cluster(int id) {
    SimCluster cluster = clusters.get(id);
    if (cluster == null) {
      throw new IllegalArgumentException("no cluster " + id);
    }
    return cluster;
  }
}
