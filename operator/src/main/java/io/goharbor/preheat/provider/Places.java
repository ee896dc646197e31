package io.goharbor.preheat.provider;

import io.goharbor.preheat.kube.ObjectKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the places of a lane, and which work is being done. Work can also be kept for a task
 * that was in flight before a start and has not come back for its place yet. Not safe for
 * concurrent use: its lane guards it.
 */
final class Places {
  /** A place that is held. */
  record Place(Ticket ticket, ObjectKey group, Consumer<Observation> news) {}

  private final Map<String, Place> places = new HashMap<>();
  private final Map<DedupKey, String> keyByWork = new HashMap<>();
  private final Map<String, DedupKey> workByAbsentKey = new HashMap<>();

  /** Keeps work for tasks that are still to come back. */
  void keep(List<Ticket> absent) {
    for (Ticket ticket : absent) {
      if (!places.containsKey(ticket.key())
          && keyByWork.putIfAbsent(ticket.work(), ticket.key()) == null) {
        workByAbsentKey.put(ticket.key(), ticket.work());
      }
    }
  }

  /** Gives a place to a ticket. */
  void take(Ticket ticket, ObjectKey group, Consumer<Observation> news) {
    workByAbsentKey.remove(ticket.key());
    places.put(ticket.key(), new Place(ticket, group, news));
    keyByWork.putIfAbsent(ticket.work(), ticket.key());
  }

  /**
   * Takes a place back.
   *
   * @return its work; null: the ticket had no place, and no work was kept for it
   */
  @Nullable DedupKey free(String ticketKey) {
    Place place = places.remove(ticketKey);
    DedupKey work = place == null ? workByAbsentKey.remove(ticketKey) : place.ticket().work();
    return work != null && (keyByWork.remove(work, ticketKey) || place != null) ? work : null;
  }

  boolean holds(String ticketKey) {
    return places.containsKey(ticketKey);
  }

  @Nullable Place find(String ticketKey) {
    return places.get(ticketKey);
  }

  /** The ticket by which some work is being done; null: it is not. */
  @Nullable String holder(DedupKey work) {
    return keyByWork.get(work);
  }

  /** Places that are held. */
  int held() {
    return places.size();
  }

  /** Places that are held, and those of tasks that are still to come back. */
  int taken() {
    return places.size() + workByAbsentKey.size();
  }

  Map<ObjectKey, Integer> heldByGroup() {
    Map<ObjectKey, Integer> byGroup = new HashMap<>();
    places.values().forEach(place -> byGroup.merge(place.group(), 1, Integer::sum));
    return byGroup;
  }
}
