package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Grammar;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads Harbor's description of an artifact; what is unknown or missing in it does no harm. */
final class ArtifactJson {
  private ArtifactJson() {}

  /** The artifact; empty when its digest or repository is none, so that it cannot be used. */
  static Optional<HarborArtifact> read(String project, JsonNode json) {
    String digest = json.path("digest").asText("");
    String repository = withoutProject(project, json.path("repository_name").asText(""));
    if (!Grammar.CONTENT_DIGEST.accepts(digest)
        || !(repository.isEmpty() || Grammar.REPOSITORY.accepts(repository))) {
      return Optional.empty();
    }
    return Optional.of(
        new HarborArtifact(
            project,
            repository,
            digest,
            json.path("type").asText("UNKNOWN"),
            // media_type is that of the config in an image; an old Harbor gives nothing better.
            json.path("manifest_media_type").asText(json.path("media_type").asText("")),
            json.path("size").asLong(),
            names(json.path("tags")).stream().filter(Grammar.TAG::accepts).toList(),
            Set.copyOf(names(json.path("labels"))),
            accessories(json.path("accessories")),
            scan(json.path("scan_overview")),
            time(json.path("push_time").asText("")),
            children(json.path("references")),
            new HarborArtifact.Dates(
                dates(json.path("tags"), "name", "push_time"),
                dates(json.path("accessories"), "digest", "creation_time"))));
  }

  private static String withoutProject(String project, String fullName) {
    return fullName.startsWith(project + "/") ? fullName.substring(project.length() + 1) : fullName;
  }

  private static List<String> names(JsonNode items) {
    List<String> names = new ArrayList<>();
    for (JsonNode item : items) {
      String name = item.path("name").asText("");
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  private static Map<String, Instant> dates(JsonNode items, String name, String date) {
    Map<String, Instant> dates = new HashMap<>();
    for (JsonNode item : items) {
      Instant time = time(item.path(date).asText(""));
      if (time != null) {
        dates.put(item.path(name).asText(""), time);
      }
    }
    return Map.copyOf(dates);
  }

  private static List<HarborArtifact.Accessory> accessories(JsonNode json) {
    List<HarborArtifact.Accessory> accessories = new ArrayList<>();
    for (JsonNode accessory : json) {
      String digest = accessory.path("digest").asText("");
      if (digest.isEmpty() || Grammar.CONTENT_DIGEST.accepts(digest)) {
        accessories.add(new HarborArtifact.Accessory(digest, accessory.path("type").asText("")));
      }
    }
    return List.copyOf(accessories);
  }

  private static List<HarborArtifact.Child> children(JsonNode references) {
    List<HarborArtifact.Child> children = new ArrayList<>();
    for (JsonNode reference : references) {
      String digest = reference.path("child_digest").asText("");
      if (Grammar.CONTENT_DIGEST.accepts(digest)) {
        children.add(new HarborArtifact.Child(digest, platform(reference.path("platform"))));
      }
    }
    return List.copyOf(children);
  }

  /** Build attestations are children of the platform unknown/unknown. */
  private static @Nullable String platform(JsonNode platform) {
    String os = platform.path("os").asText("");
    String architecture = platform.path("architecture").asText("");
    if (os.isEmpty()
        || architecture.isEmpty()
        || os.equals("unknown")
        || architecture.equals("unknown")) {
      return null;
    }
    String variant = platform.path("variant").asText("");
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }

  /**
   * The keys are the media types of reports; one that is complete goes before one that is not.
   * Harbor calls the merged report of an index a success as soon as one of its manifests was
   * scanned, even if others wait or failed ({@code MergeScanStatus} in {@code pkg/scan/vuln}); how
   * much of it there is, is told in percent.
   */
  private static HarborArtifact.Scan scan(JsonNode overview) {
    for (JsonNode report : overview) {
      if (report.path("scan_status").asText("").equals("Success")
          && report.path("complete_percent").asInt(100) >= 100) {
        return new HarborArtifact.Scan(true, report.path("severity").asText("Unknown"));
      }
    }
    return HarborArtifact.Scan.NONE;
  }

  /** Go's zero time is the year 1 and means never. */
  static @Nullable Instant time(String text) {
    try {
      Instant time = Instant.parse(text);
      return time.isBefore(Instant.EPOCH) ? null : time;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
