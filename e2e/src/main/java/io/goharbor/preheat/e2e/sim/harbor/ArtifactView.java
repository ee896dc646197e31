package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.harbor.ArtifactFilter.Found;
import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** An artifact as the REST API describes it, with what the caller asked for. */
final class ArtifactView {
  static final String REPORT = "application/vnd.security.vulnerability.report; version=1.1";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SEVERITIES =
      List.of("None", "Unknown", "Negligible", "Low", "Medium", "High", "Critical");
  // Harbor's word for never.
  private static final String NEVER = "0001-01-01T00:00:00.000Z";
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Content content;

  ArtifactView(Content content) {
    this.content = content;
  }

  ObjectNode of(Content.Project project, Found found, Ask ask) {
    Artifact artifact = found.artifact();
    String fullName = project.name + "/" + found.repository().name;
    ObjectNode json = JSON.createObjectNode();
    json.put("id", artifact.id)
        .put("type", artifact.type)
        .put("media_type", artifact.describedType)
        .put("manifest_media_type", artifact.mediaType)
        .put("artifact_type", artifact.artifactType)
        .put("project_id", project.id)
        .put("repository_id", found.repository().id)
        .put("repository_name", fullName)
        .put("digest", artifact.digest)
        .put("size", artifact.size())
        .put("push_time", time(artifact.pushTime))
        .put("pull_time", NEVER);
    references(json, artifact);
    if (asks(ask, "with_tag", true)) {
      tags(json, found);
    }
    if (asks(ask, "with_label", false)) {
      labels(json, artifact);
    }
    if (asks(ask, "with_accessory", false)) {
      accessories(json, artifact, fullName);
    }
    if (asks(ask, "with_scan_overview", false)) {
      scanOverview(json, artifact);
    }
    return json;
  }

  private static boolean asks(Ask ask, String name, boolean otherwise) {
    return ask.query(name).map("true"::equals).orElse(otherwise);
  }

  private static void references(ObjectNode json, Artifact artifact) {
    if (artifact.children.isEmpty()) {
      json.putNull("references");
    }
    for (Content.Child child : artifact.children) {
      ObjectNode reference = json.withArray("references").addObject();
      reference
          .put("parent_id", artifact.id)
          .put("child_id", child.artifact().id)
          .put("child_digest", child.artifact().digest);
      // Features of the platform are not among what Harbor gives back of an index.
      if (child.platform() == null) {
        reference.putNull("platform");
      } else {
        child.writePlatform(reference.putObject("platform"));
      }
      reference.putNull("urls");
    }
  }

  private static void tags(ObjectNode json, Found found) {
    if (found.artifact().tags.isEmpty()) {
      json.putNull("tags");
    }
    found
        .artifact()
        .tags
        .forEach(tag ->
            json.withArray("tags")
                .addObject()
                .put("id", Math.abs((long) tag.hashCode()))
                .put("repository_id", found.repository().id)
                .put("artifact_id", found.artifact().id)
                .put("name", tag)
                .put(
                    "push_time",
                    time(found.artifact().tagTimes.getOrDefault(tag, found.artifact().pushTime)))
                .put("pull_time", NEVER)
                .put("immutable", false));
  }

  private void labels(ObjectNode json, Artifact artifact) {
    artifact.labels.forEach(label ->
        json.withArray("labels")
            .addObject()
            .put("id", content.labelId(label))
            .put("name", label)
            .put("scope", "g")
            .put("color", "#48960C"));
  }

  private static void accessories(ObjectNode json, Artifact artifact, String fullName) {
    if (artifact.accessories.isEmpty()) {
      json.putNull("accessories");
    }
    artifact.accessories.forEach(accessory ->
        json.withArray("accessories")
            .addObject()
            .put("id", accessory.id())
            .put("artifact_id", accessory.artifact().id)
            .put("subject_artifact_id", artifact.id)
            .put("creation_time", time(accessory.created()))
            .put("subject_artifact_digest", artifact.digest)
            .put("subject_artifact_repo", fullName)
            .put("digest", accessory.artifact().digest)
            .put("size", accessory.artifact().size())
            .put("type", accessory.type()));
  }

  /**
   * An index has no report of its own; Harbor merges those of what it names, once there is one of
   * each. The merged one is running while one of them is, and else a success if one of them is.
   * Attestations are not scanned. (Harbor's scan controller and {@code MergeScanStatus}.)
   */
  private static void scanOverview(ObjectNode json, Artifact artifact) {
    List<Artifact> scanned = new ArrayList<>();
    scannable(artifact, scanned);
    if (scanned.isEmpty()
        || scanned.stream().anyMatch(one -> one.severity == null && one.unfinishedScan == null)) {
      return;
    }
    ObjectNode overview = json.putObject("scan_overview").putObject(REPORT);
    List<String> states = scanned.stream().map(ArtifactView::scanStatus).toList();
    String status =
        states.contains("Running")
            ? "Running"
            : states.contains("Success") ? "Success" : states.getFirst();
    String worst =
        scanned.stream()
            .filter(one -> one.unfinishedScan == null)
            .map(one -> String.valueOf(one.severity))
            .max(Comparator.comparingInt(SEVERITIES::indexOf))
            .orElse("");
    report(overview, status.equals("Success") ? worst : "", artifact.pushTime);
    overview
        .put("scan_status", status)
        .put("complete_percent", Collections.frequency(states, "Success") * 100 / states.size());
    if (!status.equals("Success")) {
      overview.putNull("summary");
    }
  }

  private static String scanStatus(Artifact artifact) {
    return artifact.unfinishedScan == null ? "Success" : artifact.unfinishedScan;
  }

  private static void scannable(Artifact artifact, List<Artifact> found) {
    if (artifact.children.isEmpty()) {
      found.add(artifact);
    }
    for (Content.Child child : artifact.children) {
      if (child.kind() != IndexEntry.Kind.ATTESTATION) {
        scannable(child.artifact(), found);
      }
    }
  }

  /** Writes the summary of a finished scan. */
  static void report(ObjectNode json, String severity, Instant pushed) {
    json.put("report_id", "0b9c0d7e-6a55-4a0a-9f0d-1d4f6b2f7c11")
        .put("scan_status", "Success")
        .put("severity", severity)
        .put("duration", 9);
    json.putObject("summary")
        .put("total", 1)
        .put("fixable", 0)
        .putObject("summary")
        .put(severity, 1);
    json.put("start_time", time(pushed)).put("end_time", time(pushed.plusSeconds(9)));
    json.putObject("scanner")
        .put("name", "Trivy")
        .put("vendor", "Aqua Security")
        .put("version", "v0.60.0");
    json.put("complete_percent", 100);
  }

  static String time(Instant instant) {
    return MILLIS.format(instant);
  }
}
