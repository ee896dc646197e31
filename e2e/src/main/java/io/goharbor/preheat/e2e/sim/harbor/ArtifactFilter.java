package io.goharbor.preheat.e2e.sim.harbor;

import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code q} and {@code sort} of an artifact list, as far as Harbor's grammar is used here. */
final class ArtifactFilter {
  /** A query that Harbor refuses. */
  static final class BadQuery extends Exception {
    private static final long serialVersionUID = 1L;

    BadQuery(String message) {
      super(message);
    }
  }

  /** An artifact where it was found. */
  record Found(Repository repository, Artifact artifact) {}

  private static final Pattern RANGE = Pattern.compile("\\[([^~\\]]*)~([^~\\]]*)]");
  private static final Map<String, Comparator<Found>> ORDERS =
      Map.of(
          "id",
          Comparator.comparingLong(found -> found.artifact().id),
          "push_time",
          Comparator.comparing(found -> found.artifact().pushTime),
          "digest",
          Comparator.comparing(found -> found.artifact().digest));

  private final Map<String, String> terms = new HashMap<>();
  private Instant from = Instant.MIN;
  private Instant until = Instant.MAX;

  /** Reads a query; a comma always splits terms. */
  ArtifactFilter(String q) throws BadQuery {
    if (q.isEmpty()) {
      return;
    }
    // Harbor decodes the value once more than usual.
    for (String term :
        URLDecoder.decode(q.replace("+", "%2B"), StandardCharsets.UTF_8).split(",", -1)) {
      int equals = term.indexOf('=');
      if (equals < 1 || equals == term.length() - 1) {
        throw new BadQuery("invalid query " + term);
      }
      String key = term.substring(0, equals);
      String value = term.substring(equals + 1);
      switch (key) {
        case "tags", "type", "digest", "base" -> terms.put(key, value);
        case "push_time" -> range(value);
        default -> throw new BadQuery("unknown query key " + key);
      }
    }
  }

  private void range(String value) throws BadQuery {
    Matcher range = RANGE.matcher(value);
    if (!range.matches()) {
      throw new BadQuery("push_time is not a range: " + value);
    }
    try {
      if (!range.group(1).isEmpty()) {
        from = LocalDateTime.parse(range.group(1)).toInstant(ZoneOffset.UTC);
      }
      if (!range.group(2).isEmpty()) {
        until = LocalDateTime.parse(range.group(2)).toInstant(ZoneOffset.UTC);
      }
    } catch (DateTimeParseException e) {
      throw new BadQuery("push_time is not of the form 2006-01-02T15:04:05: " + value);
    }
  }

  /** Untagged children of an index are left out, unless base is asked for; accessories always. */
  boolean takes(Found found) {
    Artifact artifact = found.artifact();
    // The times first: of a large project they leave the least.
    return !artifact.pushTime.isBefore(from)
        && !artifact.pushTime.isAfter(until)
        && !artifact.attached
        && tagged(artifact)
        && artifact.type.equals(terms.getOrDefault("type", artifact.type))
        && artifact.digest.equals(terms.getOrDefault("digest", artifact.digest))
        && (terms.containsKey("base")
            || !artifact.tags.isEmpty()
            || !found.repository().isChild(artifact));
  }

  private boolean tagged(Artifact artifact) {
    String wanted = terms.get("tags");
    if (wanted == null) {
      return true;
    }
    return switch (wanted) {
      case "*" -> !artifact.tags.isEmpty();
      case "nil" -> artifact.tags.isEmpty();
      default ->
          wanted.startsWith("~")
              ? artifact.tags.stream().anyMatch(tag -> tag.contains(wanted.substring(1)))
              : artifact.tags.contains(wanted);
    };
  }

  /** The order by one key or more; the newest push first when none is asked for. */
  static Comparator<Found> order(String sort) throws BadQuery {
    Comparator<Found> order = null;
    for (String key : sort.split(",", -1)) {
      Comparator<Found> next = byOne(key);
      order = order == null ? next : order.thenComparing(next);
    }
    return order == null ? byOne(sort) : order;
  }

  private static Comparator<Found> byOne(String sort) throws BadQuery {
    boolean down = sort.startsWith("-");
    Comparator<Found> order = ORDERS.get(down ? sort.substring(1) : sort);
    if (order == null) {
      throw new BadQuery("unknown sort key " + sort);
    }
    return down ? order.reversed() : order;
  }
}
