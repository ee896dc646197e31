package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.sim.harbor.WebhookJobs.Delivery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What was pushed, what Harbor sent of it, what was acknowledged, what was stored and what is warm:
 * written down from the outside, by digest.
 */
final class LedgerBook {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** That a job ended may be in the status only a while later: a write that fails is repeated. */
  private static final Duration UNTOLD = Duration.ofSeconds(8);

  private final Set<String> wanted = new HashSet<>();
  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> stored = new HashSet<>();
  private final Set<String> storedByEvent = new HashSet<>();
  private final Map<String, Map<String, Instant>> underWay = new HashMap<>();
  private final Map<String, Set<String>> byExecution = new HashMap<>();
  private int unwanted;
  private int again;
  private int sent;
  private int tries;
  private int lost;
  private int twiceAtATime;
  private int executions;

  /** A push of something new. */
  synchronized void pushed(String digest, boolean isWanted) {
    if (isWanted) {
      wanted.add(digest);
    } else {
      unwanted++;
    }
  }

  /** A push of what is known under another tag. */
  synchronized void pushedAgain() {
    again++;
  }

  /** A webhook job of Harbor ended. */
  synchronized void delivered(Delivery delivery) {
    sent++;
    tries += delivery.tries().size();
    if (!delivery.delivered()) {
      lost++;
      return;
    }
    try {
      JsonNode payload = JSON.readTree(delivery.payload());
      // CloudEvents have the same under another name.
      JsonNode event = payload.has("data") ? payload.path("data") : payload.path("event_data");
      for (JsonNode resource : event.path("resources")) {
        acknowledged.add(resource.path("digest").asText());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An execution was stored, changed or deleted. */
  synchronized void changed(JsonNode execution, boolean deleted) {
    String uid = execution.path("metadata").path("uid").asText();
    if (!byExecution.containsKey(uid)) {
      executions++;
      boolean byEvent = execution.path("spec").path("trigger").asText().equals("Event");
      for (JsonNode artifact : execution.path("spec").path("artifacts")) {
        stored.add(artifact.path("digest").asText());
        if (byEvent) {
          storedByEvent.add(artifact.path("digest").asText());
        }
      }
    }
    Set<String> before = byExecution.getOrDefault(uid, Set.of());
    Set<String> now = new HashSet<>();
    if (!deleted) {
      for (JsonNode task : execution.path("status").path("tasks")) {
        String state = task.path("state").asText();
        if (state.equals("Submitting") || state.equals("Running")) {
          now.add(task.path("digest").asText() + " " + task.path("provider").asText());
        }
      }
    }
    Instant moment = Instant.now();
    for (String job : before) {
      if (!now.contains(job)) {
        ended(job, uid, moment);
      }
    }
    for (String job : now) {
      underWay.computeIfAbsent(job, key -> new HashMap<>()).putIfAbsent(uid, moment);
    }
    byExecution.put(uid, now);
  }

  /** A job ended; whoever was at the same for long meanwhile did it a second time. */
  private void ended(String job, String uid, Instant moment) {
    Map<String, Instant> all = underWay.getOrDefault(job, Map.of());
    Instant own = all.get(uid);
    if (own == null) {
      return;
    }
    all.remove(uid);
    for (Instant other : all.values()) {
      Instant both = own.isAfter(other) ? own : other;
      if (Duration.between(both, moment).compareTo(UNTOLD) > 0) {
        twiceAtATime++;
      }
    }
  }

  /** Whether nothing wanted is cold; asks no longer than until it meets one that is. */
  synchronized boolean allWarm(Predicate<String> warm) {
    return wanted.stream().allMatch(warm);
  }

  private Set<String> cold(Predicate<String> warm) {
    Set<String> cold = new HashSet<>(wanted);
    cold.removeIf(warm);
    return cold;
  }

  /** The ledger; {@code balance} entries are zero when nothing was lost. */
  synchronized Map<String, Number> entries(Predicate<String> warm) {
    Set<String> ackedWanted = new HashSet<>(acknowledged);
    ackedWanted.retainAll(wanted);
    Set<String> forgotten = new HashSet<>(ackedWanted);
    forgotten.removeAll(stored);
    Set<String> storedWanted = new HashSet<>(stored);
    storedWanted.retainAll(wanted);
    Set<String> bySweep = new HashSet<>(storedWanted);
    bySweep.removeAll(storedByEvent);
    Set<String> idle = new HashSet<>(stored);
    idle.removeAll(wanted);
    Map<String, Number> entries = new LinkedHashMap<>();
    entries.put("artifacts pushed that the policy wants", wanted.size());
    entries.put("artifacts pushed that it does not want", unwanted);
    entries.put("pushes of another tag of the same", again);
    entries.put("events that Harbor sent", sent);
    entries.put("  in so many tries", tries);
    entries.put("  given up by Harbor", lost);
    entries.put("  acknowledged", sent - lost);
    entries.put("wanted artifacts acknowledged", ackedWanted.size());
    entries.put("wanted artifacts stored", storedWanted.size());
    entries.put("  of these found by the sweep alone", bySweep.size());
    entries.put("executions", executions);
    entries.put("wanted artifacts warm", wanted.size() - cold(warm).size());
    entries.put("balance: wanted, not warm", cold(warm).size());
    entries.put("balance: acknowledged, not stored", forgotten.size());
    entries.put("balance: stored, not wanted", idle.size());
    entries.put("balance: at work twice at a time", twiceAtATime);
    return entries;
  }
}
