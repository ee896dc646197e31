package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Harbor's events in both payload formats, and who gets them. */
final class WebhookEvents {
  /** Every type of event, with its name as a CloudEvent. */
  static final Map<String, String> TYPES = types();

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SimServer server;
  private final InstantSource clock;
  private final WebhookJobs jobs;
  private final BooleanSupplier switchedOn;

  WebhookEvents(
      SimServer server, InstantSource clock, WebhookJobs jobs, BooleanSupplier switchedOn) {
    this.server = server;
    this.clock = clock;
    this.jobs = jobs;
    this.switchedOn = switchedOn;
  }

  private static Map<String, String> types() {
    Map<String, String> types = new LinkedHashMap<>();
    types.put("PUSH_ARTIFACT", "harbor.artifact.pushed");
    types.put("PULL_ARTIFACT", "harbor.artifact.pulled");
    types.put("DELETE_ARTIFACT", "harbor.artifact.deleted");
    types.put("SCANNING_COMPLETED", "harbor.scan.completed");
    types.put("SCANNING_FAILED", "harbor.scan.failed");
    types.put("SCANNING_STOPPED", "harbor.scan.stopped");
    types.put("QUOTA_EXCEED", "harbor.quota.exceeded");
    types.put("QUOTA_WARNING", "harbor.quota.warned");
    types.put("REPLICATION", "harbor.replication.status.changed");
    types.put("TAG_RETENTION", "harbor.tag_retention.finished");
    return Map.copyOf(types);
  }

  /**
   * Sends an event: a job for each enabled policy of the project that names the type, for each
   * mention of it, and for each target.
   *
   * @param tag null: the event is about the digest
   */
  void send(
      Project project,
      Repository repository,
      String type,
      Artifact artifact,
      @Nullable String tag) {
    if (!switchedOn.getAsBoolean()) {
      return;
    }
    ObjectNode data = data(project, repository, type, artifact, tag);
    for (Map.Entry<Long, ObjectNode> policy : project.webhooks.entrySet()) {
      if (!policy.getValue().path("enabled").asBoolean()) {
        continue;
      }
      for (JsonNode wanted : policy.getValue().path("event_types")) {
        if (wanted.asText().equals(type)) {
          for (JsonNode target : policy.getValue().path("targets")) {
            jobs.enqueue(type, target, payload(project, policy.getKey(), type, target, data));
          }
        }
      }
    }
  }

  private byte[] payload(
      Project project, long policy, String type, JsonNode target, ObjectNode data) {
    ObjectNode event =
        WebhookJobs.isCloudEvent(target)
            ? cloudEvent(project, policy, type, data)
            : defaultEvent(type, data);
    try {
      return JSON.writeValueAsBytes(event);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode data(
      Project project,
      Repository repository,
      String type,
      Artifact artifact,
      @Nullable String tag) {
    String full = project.name + "/" + repository.name;
    boolean scan = type.startsWith("SCANNING_");
    ObjectNode data = JSON.createObjectNode();
    ObjectNode resource = data.putArray("resources").addObject().put("digest", artifact.digest);
    if (tag != null) {
      resource.put("tag", tag);
    } else if (!scan) {
      // What has no tag puts the digest where the tag belongs; only scans leave it out.
      resource.put("tag", artifact.digest);
    }
    resource.put(
        "resource_url",
        "127.0.0.1:"
            + server.port()
            + "/"
            + full
            + (tag == null ? "@" + artifact.digest : ":" + tag));
    String severity = artifact.severity;
    if (scan && severity != null) {
      ArtifactView.report(
          resource.putObject("scan_overview").putObject(ArtifactView.REPORT),
          severity,
          artifact.pushTime);
    }
    ObjectNode about = data.putObject("repository");
    if (!scan) {
      about.put("date_created", repository.created.getEpochSecond());
    }
    about
        .put("name", repository.name)
        .put("namespace", project.name)
        .put("repo_full_name", full)
        .put("repo_type", project.isPublic ? "public" : "private");
    if (scan) {
      data.putObject("scan").put("scan_type", "vulnerability");
    }
    return data;
  }

  private ObjectNode defaultEvent(String type, ObjectNode data) {
    ObjectNode event = JSON.createObjectNode();
    event
        .put("type", type)
        .put("occur_at", clock.instant().getEpochSecond())
        .put("operator", operator(type));
    event.set("event_data", data);
    return event;
  }

  private ObjectNode cloudEvent(Project project, long policy, String type, ObjectNode data) {
    ObjectNode event = JSON.createObjectNode();
    event
        .put("specversion", "1.0")
        .put("id", UUID.randomUUID().toString())
        .put("source", "/projects/" + project.id + "/webhook/policies/" + policy)
        .put("type", TYPES.get(type))
        .put("datacontenttype", "application/json")
        .put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    event.set("data", data);
    return event.put("requestid", UUID.randomUUID().toString()).put("operator", operator(type));
  }

  private static String operator(String type) {
    return type.startsWith("SCANNING_") ? "auto" : "robot$ci";
  }
}
