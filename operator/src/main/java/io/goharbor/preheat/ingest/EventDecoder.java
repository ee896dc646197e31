package io.goharbor.preheat.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import io.goharbor.preheat.ingest.HarborEvent.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads Harbor's webhook bodies in both formats, Default and CloudEvents. The data of an event is
 * the same in both; what differs is the envelope and the names of the types.
 */
final class EventDecoder {
  private static final Set<String> OTHER_TYPES =
      Set.of(
          "PULL_ARTIFACT",
          "DELETE_ARTIFACT",
          "SCANNING_FAILED",
          "SCANNING_STOPPED",
          "QUOTA_EXCEED",
          "QUOTA_WARNING",
          "REPLICATION",
          "TAG_RETENTION",
          "harbor.artifact.pulled",
          "harbor.artifact.deleted",
          "harbor.scan.failed",
          "harbor.scan.stopped",
          "harbor.quota.exceeded",
          "harbor.quota.warned",
          "harbor.replication.status.changed",
          "harbor.tag_retention.finished");

  private EventDecoder() {}

  static HarborEvent decode(byte[] body) {
    JsonNode json;
    try {
      json = RemoteSystem.JSON.readTree(body);
    } catch (IOException e) {
      return new HarborEvent.Malformed("the body is not JSON");
    }
    if (json == null || !json.isObject()) {
      return new HarborEvent.Malformed("the body is not a JSON object");
    }
    boolean cloudEvent = json.has("specversion");
    String type = json.path("type").asText("");
    if (type.isEmpty()) {
      return new HarborEvent.Malformed("the event has no type");
    }
    JsonNode data = json.path(cloudEvent ? "data" : "event_data");
    // The same in a redelivery, which carries the identical body.
    String occurred = json.path(cloudEvent ? "id" : "occur_at").asText("");
    return switch (type) {
      case "PUSH_ARTIFACT", "harbor.artifact.pushed" ->
          artifacts(Kind.PUSHED, type, occurred, data);
      case "SCANNING_COMPLETED", "harbor.scan.completed" ->
          data.path("scan").path("scan_type").asText("vulnerability").equals("sbom")
              ? new HarborEvent.Ignored(type, "an SBOM was made, not a vulnerability report")
              : artifacts(Kind.SCANNED, type, occurred, data);
      default ->
          new HarborEvent.Ignored(
              type,
              OTHER_TYPES.contains(type)
                  ? "events of this type start nothing"
                  : "the type is not known");
    };
  }

  private static HarborEvent artifacts(Kind kind, String type, String occurred, JsonNode data) {
    String full = data.path("repository").path("repo_full_name").asText("");
    int slash = full.indexOf('/');
    if (slash <= 0 || slash == full.length() - 1) {
      return new HarborEvent.Malformed("the event names no repository");
    }
    List<Artifact> artifacts = new ArrayList<>();
    for (JsonNode resource : data.path("resources")) {
      String digest = resource.path("digest").asText("");
      String tag = resource.path("tag").asText("");
      if (!digest.matches("sha256:[0-9a-f]{64}")) {
        return new HarborEvent.Malformed("a resource of the event has no sha256 digest");
      }
      // A push by digest puts the digest where the tag belongs.
      boolean tagged = !tag.isEmpty() && !tag.equals(digest) && !tag.startsWith("sha256:");
      artifacts.add(new Artifact(digest, tagged ? tag : null));
    }
    if (artifacts.isEmpty()) {
      return new HarborEvent.Malformed("the event names no artifact");
    }
    if (kind == Kind.PUSHED) {
      artifacts.removeIf(artifact -> artifact.tag() == null);
      if (artifacts.isEmpty()) {
        return new HarborEvent.Ignored(
            type, "pushed by digest only, as parts of an index and signatures are");
      }
    }
    return new HarborEvent.Artifacts(
        kind,
        occurred,
        full.substring(0, slash),
        full.substring(slash + 1),
        List.copyOf(artifacts));
  }
}
