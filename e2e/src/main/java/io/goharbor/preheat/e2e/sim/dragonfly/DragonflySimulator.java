package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Dragonfly Manager's Open API. Creating a job reads the manifest from the registry while the
 * caller waits, as the real one does; the job's state then comes into the database only at certain
 * ages, whatever the peers have done meanwhile.
 */
public final class DragonflySimulator implements AutoCloseable {
  /** Ages at which a real Manager (2.4.0 and later) writes a job's state, in seconds. */
  private static final long[] STEPS = {0, 30, 90, 210, 450, 750};

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern MANIFEST_URL =
      Pattern.compile("^(.*)://(.*)/v2/(.*)/manifests/(.*)$");
  private static final Set<String> TYPES =
      Set.of("preheat", "sync_peers", "get_task", "get_image_distribution", "delete_task", "gc");

  private record Peer(String host, String ip, boolean seed) {}

  private static final class Job {
    final long id;
    final Instant created;
    final ObjectNode request;
    final String base;
    final List<String> blobs;
    final Duration takes;
    volatile String state = "PENDING";
    volatile @Nullable ObjectNode result;
    volatile boolean orphaned;

    Job(
        long id,
        Instant created,
        ObjectNode request,
        String base,
        List<String> blobs,
        Duration takes) {
      this.id = id;
      this.created = created;
      this.request = request;
      this.base = base;
      this.blobs = blobs;
      this.takes = takes;
    }
  }

  private final SimServer server;
  private final InstantSource clock;
  private final HttpClient registry =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Map<Long, Job> jobs = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> caches = new ConcurrentHashMap<>();
  private final List<Peer> peers = new ArrayList<>();
  private final AtomicLong ids = new AtomicLong();
  private final String token;
  private volatile double timeScale = 1;
  private volatile Duration jobTime = Duration.ofSeconds(5);
  private volatile int requestsPerSecond = 10;
  private volatile BiPredicate<String, String> blobFails = (peer, blob) -> false;
  private long windowSecond;
  private int windowCount;

  /**
   * A Manager with two seed peers and three normal ones in scheduler cluster 1.
   *
   * @param token the personal access token that it takes
   */
  public DragonflySimulator(InstantSource clock, String token) {
    this.clock = clock;
    this.token = token;
    for (int i = 0; i < 2; i++) {
      peers.add(new Peer("seed-" + i, "10.0.4." + (10 + i), true));
    }
    for (int i = 0; i < 3; i++) {
      peers.add(new Peer("node-" + i, "10.0.5." + (10 + i), false));
    }
    this.server =
        new SimServer("dragonfly", clock)
            .route("GET", "/healthy", ask -> Answer.json(200, "OK"))
            .route("GET", "/oapi/v1/clusters", authenticated(this::clusters))
            .route("POST", "/oapi/v1/jobs", authenticated(this::create))
            .route("GET", "/oapi/v1/jobs", authenticated(this::list))
            .route("GET", "/oapi/v1/jobs/{id}", authenticated(this::get))
            .route("DELETE", "/oapi/v1/jobs/{id}", authenticated(this::delete))
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

  /** How fast time goes for the Manager: 0.01 makes its steps of 30 s come every 0.3 s. */
  public void timeScale(double scale) {
    timeScale = scale;
  }

  /** How long the peers take for one job, before the time scale. */
  public void jobTime(Duration time) {
    jobTime = time;
  }

  /** The Manager's limit of created jobs a second. */
  public void rateLimit(int perSecond) {
    requestsPerSecond = perSecond;
  }

  /** Which blobs fail on which hosts. */
  public void blobFails(BiPredicate<String, String> fails) {
    blobFails = fails;
  }

  /** The Manager forgets what it was watching: running jobs stay PENDING for ever. */
  public void restart() {
    jobs.values().stream()
        .filter(job -> job.state.equals("PENDING"))
        .forEach(job -> job.orphaned = true);
  }

  /** The Manager's garbage collection: all jobs are gone. */
  public void collectGarbage() {
    jobs.clear();
  }

  /** Hosts that hold a blob. */
  public List<String> holders(String digest) {
    return caches.entrySet().stream()
        .filter(cache -> cache.getValue().contains(digest))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Manifest URLs of all jobs ever created that were not collected, oldest first. */
  public List<String> preheated() {
    return new TreeMap<>(jobs)
        .values().stream().map(job -> job.request.at("/args/url").asText()).toList();
  }

  @Override
  public void close() {
    server.close();
    registry.shutdownNow();
  }

  private SimServer.Handler authenticated(SimServer.Handler handler) {
    return ask ->
        ask.header("Authorization").orElse("").equals("Bearer " + token)
            ? handler.handle(ask)
            : Answer.json(401, Map.of("message", "Unauthorized"));
  }

  private Answer clusters(Ask ask) {
    return Answer.json(
        200,
        List.of(
            Map.of("id", 1, "name", "cluster-1", "scheduler_cluster_id", 1, "is_default", true)));
  }

  private Answer create(Ask ask) {
    JsonNode body;
    try {
      body = ask.json();
    } catch (JsonProcessingException e) {
      return Answer.json(422, Map.of("errors", "invalid character in body"));
    }
    Optional<Answer> wrong = check(body);
    if (wrong.isPresent()) {
      return wrong.get();
    }
    for (JsonNode cluster : body.path("scheduler_cluster_ids")) {
      // An unknown cluster has no limiter, and that reads as its limit being reached.
      if (cluster.asInt() != 1 || limited()) {
        return Answer.text(429, "rate limit exceeded");
      }
    }
    JsonNode args = body.path("args");
    Matcher url = MANIFEST_URL.matcher(args.path("url").asText());
    if (!url.matches()) {
      return message(500, "parse access url failed");
    }
    String authorization = args.path("headers").path("Authorization").asText("");
    List<String> blobs;
    try {
      blobs = blobs(args.path("url").asText(), authorization);
    } catch (IOException e) {
      return message(500, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return message(500, "interrupted");
    }
    long id = ids.incrementAndGet();
    Job job =
        new Job(
            id,
            clock.instant(),
            body.deepCopy(),
            url.group(1) + "://" + url.group(2) + "/v2/" + url.group(3) + "/blobs/",
            blobs,
            scaled(jobTime));
    jobs.put(id, job);
    return Answer.json(200, describe(job));
  }

  private static Optional<Answer> check(JsonNode body) {
    String type = body.path("type").asText("");
    if (type.isEmpty()) {
      return Optional.of(
          Answer.json(
              422,
              Map.of(
                  "errors",
                  "Key: 'CreateJobRequest.Type' Error:Field validation for 'Type' failed")));
    }
    if (!TYPES.contains(type)) {
      return Optional.of(Answer.json(422, Map.of("errors", "Unknow type")));
    }
    JsonNode args = body.path("args");
    boolean invalid =
        !List.of("image", "file").contains(args.path("type").asText())
            || outside(args.path("count"), 1, 200)
            || outside(args.path("percentage"), 1, 100)
            || (args.has("ips") && (args.path("ips").isEmpty() || args.path("ips").size() > 100))
            || !(args.path("timeout").isMissingNode() || args.path("timeout").isIntegralNumber());
    return invalid
        ? Optional.of(Answer.json(422, Map.of("errors", "Field validation failed for 'Args'")))
        : Optional.empty();
  }

  private static boolean outside(JsonNode number, int least, int most) {
    return !number.isMissingNode()
        && (!number.isInt() || number.asInt() < least || number.asInt() > most);
  }

  private synchronized boolean limited() {
    long second = clock.instant().getEpochSecond();
    if (second != windowSecond) {
      windowSecond = second;
      windowCount = 0;
    }
    return ++windowCount > requestsPerSecond;
  }

  /** Reads the manifest as the Manager does, with the headers that the job brings. */
  private List<String> blobs(String url, String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(60))
            .header("Accept", "application/vnd.oci.image.manifest.v1+json");
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    HttpResponse<byte[]> answer =
        registry.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() == 401) {
      throw new IOException("unauthorized: authentication required");
    }
    if (answer.statusCode() != 200) {
      throw new IOException(
          answer.statusCode() == 404
              ? "manifest unknown: manifest unknown"
              : "unexpected status "
                  + answer.statusCode()
                  + " "
                  + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    JsonNode manifest = JSON.readTree(answer.body());
    if (manifest.has("manifests")) {
      throw new IOException("no matching manifest for platform linux/amd64");
    }
    List<String> digests = new ArrayList<>();
    digests.add(manifest.at("/config/digest").asText());
    manifest.path("layers").forEach(layer -> digests.add(layer.path("digest").asText()));
    return digests;
  }

  private Answer list(Ask ask) {
    int page = Integer.parseInt(ask.query("page").orElse("1"));
    int size = Integer.parseInt(ask.query("per_page").orElse("10"));
    List<Object> all =
        new TreeMap<>(jobs)
            .descendingMap().values().stream()
                .peek(this::record)
                .filter(job -> ask.query("state").map(job.state::equals).orElse(true))
                .<Object>map(this::describe)
                .toList();
    int from = Math.min((page - 1) * size, all.size());
    return Answer.json(200, all.subList(from, Math.min(from + size, all.size())));
  }

  private Answer get(Ask ask) {
    if (!ask.variable("id").matches("[0-9]+")) {
      return Answer.json(422, Map.of("errors", "invalid id"));
    }
    Job job = jobs.get(Long.parseLong(ask.variable("id")));
    if (job == null) {
      return message(404, "record not found");
    }
    record(job);
    return Answer.json(200, describe(job));
  }

  private Answer delete(Ask ask) {
    jobs.remove(Long.parseLong(ask.variable("id")));
    return Answer.status(200);
  }

  /** Brings a job's state into the database when one of the Manager's steps has passed. */
  private void record(Job job) {
    if (!job.state.equals("PENDING") || job.orphaned) {
      return;
    }
    Duration age = Duration.between(job.created, clock.instant());
    Duration lastStep = Duration.ZERO;
    for (long step : STEPS) {
      Duration at = scaled(Duration.ofSeconds(step));
      if (at.compareTo(age) <= 0) {
        lastStep = at;
      }
    }
    if (lastStep.compareTo(job.takes) < 0) {
      return;
    }
    ObjectNode result = download(job);
    job.result = result;
    job.state = result.path("state").asText();
  }

  private ObjectNode download(Job job) {
    String scope = job.request.at("/args/scope").asText("single_seed_peer");
    ObjectNode result = JSON.createObjectNode().put("group_uuid", "group_" + job.id);
    ObjectNode task = result.withArray("job_states").addObject().put("task_uuid", "task_" + job.id);
    task.put("task_name", "preheat").put("state", "SUCCESS").put("error", "");
    ObjectNode cluster = task.withArray("results").addObject().put("scheduler_cluster_id", 1);
    ArrayNode successes = JSON.createArrayNode();
    ArrayNode failures = JSON.createArrayNode();
    if (scope.equals("single_seed_peer")) {
      List<Peer> seeds = peers.stream().filter(Peer::seed).toList();
      for (String blob : job.blobs) {
        Peer peer = seeds.get(Math.floorMod(blob.hashCode(), seeds.size()));
        // Failures vanish here, as they do in the real one.
        if (!blobFails.test(peer.host(), blob)) {
          hold(peer, blob);
          successes.add(entry(job, peer, blob));
        }
      }
    } else {
      for (Peer peer : targets(job, scope.equals("all_seed_peers"))) {
        List<String> failed =
            job.blobs.stream().filter(blob -> blobFails.test(peer.host(), blob)).toList();
        for (String blob : job.blobs) {
          if (!failed.contains(blob)) {
            hold(peer, blob);
          }
          if (failed.isEmpty()) {
            successes.add(entry(job, peer, blob));
          }
        }
        failed.forEach(blob ->
            failures.add(entry(job, peer, blob).put("description", "task failed: rpc error")));
      }
      if (successes.isEmpty()) {
        task.put("state", "FAILURE").put("error", "all peers preheat failed: rpc error");
      }
    }
    if (successes.isEmpty()) {
      cluster.putNull("success_tasks");
    } else {
      cluster.set("success_tasks", successes);
    }
    cluster.set("failure_tasks", failures);
    return result.put("state", task.path("state").asText());
  }

  private List<Peer> targets(Job job, boolean seeds) {
    List<Peer> of = peers.stream().filter(peer -> peer.seed() == seeds).toList();
    JsonNode count = job.request.at("/args/count");
    return count.isInt() ? of.subList(0, Math.min(of.size(), count.asInt())) : of;
  }

  private void hold(Peer peer, String blob) {
    caches.computeIfAbsent(peer.host(), host -> ConcurrentHashMap.newKeySet()).add(blob);
  }

  private static ObjectNode entry(Job job, Peer peer, String blob) {
    return JSON.createObjectNode()
        .put("url", job.base + blob)
        .put("hostname", peer.host())
        .put("ip", peer.ip());
  }

  /** A job with all that it was given, secrets included, as the real one answers. */
  private ObjectNode describe(Job job) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", job.id)
        .put("created_at", job.created.toString())
        .put("updated_at", clock.instant().toString())
        .put("task_id", "group_" + job.id)
        .put("bio", job.request.path("bio").asText(""))
        .put("type", "preheat")
        .put("state", job.state);
    json.set("args", job.request.path("args"));
    ObjectNode result = job.result;
    if (result == null) {
      json.putNull("result");
    } else {
      json.set("result", result);
    }
    return json;
  }

  private Duration scaled(Duration time) {
    return Duration.ofMillis((long) (time.toMillis() * timeScale));
  }

  private static Answer message(int status, String text) {
    return Answer.json(status, Map.of("message", text));
  }
}
