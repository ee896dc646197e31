package io.goharbor.preheat.e2e.sim.dragonfly;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A scheduler cluster: its peers, what they hold, and the Manager's limit for it. */
final class SimCluster {
  private final int id;
  private final List<SimPeer> peers = new ArrayList<>();

  /** By host: digests by task id. */
  private final ConcurrentMap<String, Map<String, String>> caches = new ConcurrentHashMap<>();

  /** What the scheduler remembers of who has which task, as host and id. */
  private final Set<String> remembered = ConcurrentHashMap.newKeySet();

  private volatile boolean schedulerActive = true;
  private long windowSecond;
  private int windowCount;

  /** A cluster; hosts of the first one are called seed-0 and node-0, of others seed-2-0. */
  SimCluster(int id, int seeds, int nodes) {
    this.id = id;
    String infix = id == 1 ? "" : id + "-";
    int net = 2 * (id - 1);
    for (int i = 0; i < seeds; i++) {
      peers.add(new SimPeer("seed-" + infix + i, "10.0." + (4 + net) + "." + (10 + i), true));
    }
    for (int i = 0; i < nodes; i++) {
      peers.add(new SimPeer("node-" + infix + i, "10.0." + (5 + net) + "." + (10 + i), false));
    }
  }

  int id() {
    return id;
  }

  boolean schedulerActive() {
    return schedulerActive;
  }

  void schedulerActive(boolean is) {
    schedulerActive = is;
  }

  List<SimPeer> peers(boolean seeds) {
    return peers.stream().filter(peer -> peer.seed() == seeds).toList();
  }

  List<SimPeer> peers() {
    return List.copyOf(peers);
  }

  /** Whether a host holds a blob, under whatever id. */
  boolean holds(String host, String digest) {
    return caches.getOrDefault(host, Map.of()).containsValue(digest);
  }

  /** Whether a host's cache has a task. */
  boolean hasTask(String host, String taskId) {
    return caches.getOrDefault(host, Map.of()).containsKey(taskId);
  }

  void hold(SimPeer peer, String taskId, String digest) {
    caches.computeIfAbsent(peer.host(), host -> new ConcurrentHashMap<>()).put(taskId, digest);
    remembered.add(peer.host() + " " + taskId);
  }

  /** A host loses a blob, under whatever id. */
  void evict(String host, String digest) {
    caches.getOrDefault(host, Map.of()).values().removeIf(digest::equals);
  }

  /** Deletes a task where the scheduler remembers it; false when it does not. */
  boolean deleteTask(String host, String taskId) {
    return remembered.remove(host + " " + taskId)
        && caches.getOrDefault(host, Map.of()).remove(taskId) != null;
  }

  /** The scheduler starts again and knows of no task. */
  void restartScheduler() {
    remembered.clear();
  }

  /** Whether one more job in this second is one too many. */
  synchronized boolean limited(long second, int perSecond) {
    if (second != windowSecond) {
      windowSecond = second;
      windowCount = 0;
    }
    return ++windowCount > perSecond;
  }
}
