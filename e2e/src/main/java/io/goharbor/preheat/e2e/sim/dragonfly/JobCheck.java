package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** What the Manager's binding refuses, in its words (dragonfly 2.5, {@code types/job.go}). */
final class JobCheck {
  private record Range(String field, String name, long least, long most) {}

  private static final List<Range> RANGES =
      List.of(
          new Range("piece_length", "PieceLength", 4_194_304, 67_108_864),
          new Range("count", "Count", 1, 200),
          new Range("percentage", "Percentage", 1, 100),
          new Range("concurrent_task_count", "ConcurrentTaskCount", 1, 100),
          new Range("concurrent_peer_count", "ConcurrentPeerCount", 1, 1000));

  private JobCheck() {}

  /** Why a request is refused as a whole. */
  static Optional<String> envelope(JsonNode body, ManagerVersion version) {
    String type = body.path("type").asText("");
    if (!body.isObject() || type.isEmpty()) {
      return Optional.of(failed("CreateJobRequest", "Type", "required"));
    }
    if (!version.knowsType(type)) {
      return Optional.of("Unknow type");
    }
    for (JsonNode cluster : body.path("scheduler_cluster_ids")) {
      if (!cluster.isIntegralNumber() || cluster.asLong() < 0) {
        return Optional.of(unmarshal("scheduler_cluster_ids", "uint"));
      }
    }
    return Optional.empty();
  }

  /** Why the arguments of a preheat are refused. */
  static Optional<String> arguments(JsonNode args) {
    String type = args.path("type").asText("");
    if (!type.equals("image") && !type.equals("file")) {
      return Optional.of(failed("PreheatArgs", "Type", type.isEmpty() ? "required" : "oneof"));
    }
    for (Range range : RANGES) {
      JsonNode number = args.path(range.field());
      if (number.isMissingNode()) {
        continue;
      }
      if (!number.isIntegralNumber()) {
        return Optional.of(unmarshal(range.field(), "uint32"));
      }
      if (number.asLong() < range.least() || number.asLong() > range.most()) {
        String tag = number.asLong() < range.least() ? "gte" : "lte";
        return Optional.of(failed("PreheatArgs", range.name(), tag));
      }
    }
    JsonNode ips = args.path("ips");
    if (!ips.isMissingNode() && (!ips.isArray() || ips.isEmpty() || ips.size() > 100)) {
      return Optional.of(failed("PreheatArgs", "IPs", ips.size() > 100 ? "lte" : "gte"));
    }
    if (args.has("timeout") && !args.path("timeout").isIntegralNumber()) {
      return Optional.of(unmarshal("timeout", "time.Duration"));
    }
    return args.has("headers") && !args.path("headers").isObject()
        ? Optional.of(unmarshal("headers", "map[string]string"))
        : Optional.empty();
  }

  private static String failed(String struct, String field, String tag) {
    return "Key: '%s.%s' Error:Field validation for '%s' failed on the '%s' tag"
        .formatted(struct, field, field, tag);
  }

  private static String unmarshal(String field, String type) {
    return "json: cannot unmarshal into Go struct field PreheatArgs." + field + " of type " + type;
  }
}
