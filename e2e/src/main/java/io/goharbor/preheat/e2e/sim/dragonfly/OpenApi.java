package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The routes of a Manager's Open API. */
final class OpenApi {
  private static final Pattern MANIFEST_URL =
      Pattern.compile("^https?://[^/]+/v2/.+/manifests/.+$");
  private static final int LONGEST_BIO = 1024;
  private static final Duration TASK_TIME = Duration.ofSeconds(2);

  private final InstantSource clock;
  private final RegistrySource registry;
  private final JobTable jobs;
  private final Replicas replicas;
  private final Map<Integer, SimCluster> clusters;
  volatile PersonalAccessToken token;
  volatile ManagerVersion version = ManagerVersion.V2_5;
  volatile Duration jobTime = Duration.ofSeconds(5);
  volatile long speed = Long.MAX_VALUE;
  volatile int jobsPerSecond = 10;
  volatile boolean redisDown;

  OpenApi(
      InstantSource clock,
      RegistrySource registry,
      JobTable jobs,
      Replicas replicas,
      Map<Integer, SimCluster> clusters,
      PersonalAccessToken token) {
    this.clock = clock;
    this.registry = registry;
    this.jobs = jobs;
    this.replicas = replicas;
    this.clusters = clusters;
    this.token = token;
  }

  void routes(SimServer server) {
    server
        .route("GET", "/oapi/v1/clusters", signedIn("cluster", this::listClusters))
        .route("POST", "/oapi/v1/jobs", signedIn("job", this::create))
        .route("GET", "/oapi/v1/jobs", signedIn("job", this::list))
        .route("GET", "/oapi/v1/jobs/{id}", signedIn("job", this::get))
        .route("PATCH", "/oapi/v1/jobs/{id}", signedIn("job", this::update))
        .route("DELETE", "/oapi/v1/jobs/{id}", signedIn("job", this::delete));
  }

  private SimServer.Handler signedIn(String scope, SimServer.Handler handler) {
    return ask -> {
      if (!version.openApi()) {
        return Answer.status(404);
      }
      Optional<Answer> refusal = token.refuses(ask, scope);
      return refusal.isPresent() ? refusal.get() : handler.handle(ask);
    };
  }

  private Answer listClusters(Ask ask) {
    return Paging.of(ask)
        .map(paging ->
            paging.answer(
                ask,
                clusters.values().stream()
                    .skip(paging.from())
                    .limit(paging.size())
                    .map(OpenApi::describe)
                    .toList(),
                clusters.size()))
        .orElseGet(Paging::refused);
  }

  private static Map<String, Object> describe(SimCluster cluster) {
    return Map.of(
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
        cluster.id() == 1);
  }

  private Answer create(Ask ask) {
    JsonNode body;
    try {
      body = ask.json();
    } catch (JsonProcessingException e) {
      return twice("invalid character in body");
    }
    Optional<String> wrong = JobCheck.envelope(body, version);
    if (wrong.isPresent()) {
      return body.path("type").asText("").isEmpty()
          ? twice(wrong.get())
          : Answer.json(422, Map.of("errors", wrong.get()));
    }
    List<SimCluster> wanted = new ArrayList<>();
    for (JsonNode id : body.path("scheduler_cluster_ids")) {
      SimCluster cluster = clusters.get(id.asInt());
      // An unknown cluster has no limiter, and without Redis none has: both read as its limit.
      if (cluster == null
          || redisDown
          || cluster.limited(clock.instant().getEpochSecond(), jobsPerSecond)) {
        return Answer.text(429, "rate limit exceeded");
      }
      wanted.add(cluster);
    }
    ObjectNode request = body.deepCopy();
    if (request.path("args") instanceof ObjectNode args) {
      List<String> unknown = new ArrayList<>();
      args.fieldNames().forEachRemaining(unknown::add);
      unknown.removeIf(version::knowsArgument);
      args.remove(unknown);
    }
    Optional<String> unfit =
        body.path("type").asText().equals("preheat")
            ? JobCheck.arguments(request.path("args"))
            : Optional.empty();
    if (unfit.isPresent()) {
      return Answer.json(422, Map.of("errors", unfit.get()));
    }
    return start(request, wanted.isEmpty() ? clusters.values() : wanted);
  }

  /** Starts a job; what the legacy routes do, too. */
  Answer start(ObjectNode request, Collection<SimCluster> wanted) {
    List<SimCluster> active = wanted.stream().filter(SimCluster::schedulerActive).toList();
    if (active.isEmpty()) {
      return message(500, "candidate schedulers not found");
    }
    if (redisDown) {
      return message(500, "dial tcp 10.0.2.9:6379: connect: connection refused (redis)");
    }
    return switch (request.path("type").asText()) {
      case "get_task", "delete_task" -> add(request, List.of(), active, TASK_TIME);
      case "sync_peers" -> Answer.json(200, "OK");
      case "get_image_distribution" -> distribution(request, active);
      default -> preheat(request, active);
    };
  }

  private Answer preheat(ObjectNode request, List<SimCluster> active) {
    if (request.path("bio").asText("").length() > LONGEST_BIO) {
      return message(500, "Internal Server Error");
    }
    List<RegistrySource.Blob> blobs;
    try {
      blobs = request.at("/args/type").asText().equals("file") ? files(request) : manifest(request);
    } catch (IOException e) {
      return message(500, String.valueOf(e.getMessage()));
    }
    long bytes = blobs.stream().mapToLong(RegistrySource.Blob::size).sum();
    Duration download = Duration.ofMillis((long) (1000.0 * bytes / speed));
    return add(request, blobs, active, jobTime.plus(download));
  }

  private Answer add(
      ObjectNode request,
      List<RegistrySource.Blob> blobs,
      List<SimCluster> active,
      Duration takes) {
    return Answer.json(
        200, jobs.describe(jobs.add(request, blobs, active, takes, replicas.next()), true));
  }

  private static List<RegistrySource.Blob> files(ObjectNode request) {
    Stream<String> urls =
        Stream.concat(
            Stream.of(request.at("/args/url").asText("")),
            request.at("/args/urls").valueStream().map(JsonNode::asText));
    return urls.filter(url -> !url.isEmpty())
        .map(url -> new RegistrySource.Blob(TaskKey.digest(url), 0))
        .toList();
  }

  private List<RegistrySource.Blob> manifest(ObjectNode request) throws IOException {
    String url = request.at("/args/url").asText();
    if (!MANIFEST_URL.matcher(url).matches()) {
      throw new IOException("parse access url failed");
    }
    return registry.blobs(
        url,
        request.at("/args/headers/Authorization").asText(""),
        request.at("/args/platform").asText("linux/amd64"));
  }

  /** Knows nodes only, and the ids that URLs make. */
  private Answer distribution(ObjectNode request, List<SimCluster> active) {
    jobs.settleAll();
    String url = request.at("/args/url").asText();
    List<RegistrySource.Blob> blobs;
    try {
      blobs = manifest(request);
    } catch (IOException e) {
      return message(500, String.valueOf(e.getMessage()));
    }
    ObjectNode answer = request.objectNode();
    ArrayNode layers = answer.putObject("image").putArray("layers");
    String base = url.replaceFirst("/manifests/[^/]*$", "/blobs/");
    blobs.forEach(blob -> layers.addObject().put("url", base + blob.digest()));
    ArrayNode peers = answer.putArray("peers");
    for (SimCluster cluster : active) {
      for (SimPeer peer : cluster.peers(false)) {
        ArrayNode cached = answer.arrayNode();
        for (RegistrySource.Blob blob : blobs) {
          String blobUrl = base + blob.digest();
          if (cluster.hasTask(peer.host(), TaskKey.ofUrl(blobUrl, request.path("args")))) {
            cached.addObject().put("url", blobUrl);
          }
        }
        if (!cached.isEmpty()) {
          peers
              .addObject()
              .put("hostname", peer.host())
              .put("ip", peer.ip())
              .put("scheduler_cluster_id", cluster.id())
              .set("cached_layers", cached);
        }
      }
    }
    return Answer.json(200, answer);
  }

  private Answer list(Ask ask) {
    Optional<Paging> paging = Paging.of(ask);
    if (paging.isEmpty()) {
      return Paging.refused();
    }
    return replicas.query(
        ask,
        jobs,
        () -> {
          List<ObjectNode> page =
              jobs.newest()
                  .filter(job -> ask.query("type").map(job.type()::equals).orElse(true))
                  .filter(job -> ask.query("state").map(job.state::equals).orElse(true))
                  .skip(paging.get().from())
                  .limit(paging.get().size())
                  .map(job -> jobs.describe(job, false))
                  .toList();
          return paging.get().answer(ask, page, (int) jobs.newest().count());
        });
  }

  private Answer get(Ask ask) {
    if (!ask.variable("id").matches("[0-9]{1,18}")) {
      return Answer.json(422, Map.of("errors", "strconv.ParseUint: invalid syntax"));
    }
    return replicas.query(
        ask,
        jobs,
        () ->
            jobs.find(Long.parseLong(ask.variable("id")))
                .map(job -> Answer.json(200, jobs.describe(job, true)))
                .orElseGet(() -> message(404, "record not found")));
  }

  private Answer update(Ask ask) throws JsonProcessingException {
    JsonNode body = ask.json();
    replicas.written(replicas.next());
    return jobs.find(Long.parseLong(ask.variable("id")))
        .map(job -> {
          for (String field : Set.of("bio", "user_id")) {
            if (body.has(field)) {
              job.request.set(field, body.path(field));
            }
          }
          return Answer.json(200, jobs.describe(job, true));
        })
        .orElseGet(() -> message(404, "record not found"));
  }

  private Answer delete(Ask ask) {
    jobs.remove(Long.parseLong(ask.variable("id")));
    replicas.written(replicas.next());
    return Answer.status(200);
  }

  /** The rate limiter's complaint, and then the handler's own. */
  private static Answer twice(String text) {
    String once = "{\"errors\":\"" + text + "\"}";
    return new Answer(
        422,
        Map.of("Content-Type", "application/json; charset=utf-8"),
        (once + once).getBytes(StandardCharsets.UTF_8));
  }

  static Answer message(int status, String text) {
    return Answer.json(status, Map.of("message", text));
  }
}
