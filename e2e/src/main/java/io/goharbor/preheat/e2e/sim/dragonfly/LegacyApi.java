package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The preheats of Dragonfly 1, and the routes for them that Managers kept up to 2.4.0. Dragonfly 1
 * names a preheat by what it fetches, and says 208 when it has one already; Dragonfly 2 makes a job
 * each time. No one is asked who they are.
 */
final class LegacyApi {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OpenApi jobsApi;
  private final JobTable jobs;
  private final Supplier<Collection<SimCluster>> clusters;

  LegacyApi(OpenApi jobsApi, JobTable jobs, Supplier<Collection<SimCluster>> clusters) {
    this.jobsApi = jobsApi;
    this.jobs = jobs;
    this.clusters = clusters;
  }

  void routes(SimServer server) {
    server
        .route("GET", "/_ping", kept(ask -> Answer.json(200, "OK")))
        .route("POST", "/preheats", kept(this::create))
        .route("GET", "/preheats/{id}", kept(this::get));
  }

  /** Where the routes are gone, the console answers. */
  private SimServer.Handler kept(SimServer.Handler handler) {
    return ask ->
        jobsApi.version.legacy() ? handler.handle(ask) : Answer.status(301).with("Location", "/");
  }

  private boolean supernode() {
    return jobsApi.version == ManagerVersion.V1_0;
  }

  private Answer create(Ask ask) throws JsonProcessingException {
    JsonNode body = ask.json();
    String url = body.path("url").asText("");
    if (!body.path("type").asText().equals("image") || url.isEmpty()) {
      return Answer.json(400, Map.of("code", 400, "message", "unsupported type"));
    }
    if (supernode()) {
      String id = TaskKey.sha256(url);
      if (find(id).isPresent()) {
        return Answer.json(
            208, Map.of("code", 208, "message", "preheat task already exists, id:" + id));
      }
      Answer started = start(body, id);
      return started.status() == 200 ? Answer.json(201, Map.of("ID", id)) : started;
    }
    Answer started = start(body, "");
    if (started.status() != 200) {
      return started;
    }
    try {
      String id = JSON.readTree(started.body()).path("id").asText();
      return Answer.json(200, Map.of("id", id));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Answer start(JsonNode body, String bio) {
    ObjectNode request = JSON.createObjectNode().put("type", "preheat").put("bio", bio);
    ObjectNode args = request.putObject("args").put("type", "image");
    args.put("url", body.path("url").asText());
    if (body.path("headers").isObject()) {
      args.set("headers", body.path("headers"));
    }
    return jobsApi.start(request, clusters.get());
  }

  private Answer get(Ask ask) {
    return find(ask.variable("id"))
        .map(job -> Answer.json(200, describe(job, ask.variable("id"))))
        .orElseGet(() ->
            Answer.json(
                404, Map.of("code", 404, "message", ask.variable("id") + " doesn't exists")));
  }

  private ObjectNode describe(JobRow job, String id) {
    String status =
        switch (job.state) {
          case "SUCCESS" -> "SUCCESS";
          case "FAILURE" -> supernode() ? "FAILED" : "FAIL";
          default -> "RUNNING";
        };
    ObjectNode json = JSON.createObjectNode();
    if (supernode()) {
      json.put("ID", id);
      if (status.equals("FAILED")) {
        json.put("errorMsg", "child task failed");
      }
    } else {
      json.put("id", id);
    }
    return json.put("status", status)
        .put("startTime", "2026-01-01 00:00:00 +0000 UTC")
        .put("finishTime", "0001-01-01 00:00:00 +0000 UTC");
  }

  private Optional<JobRow> find(String id) {
    if (supernode()) {
      return jobs.newest().filter(job -> job.request.path("bio").asText().equals(id)).findFirst();
    }
    return id.matches("[0-9]{1,18}") ? jobs.find(Long.parseLong(id)) : Optional.empty();
  }
}
