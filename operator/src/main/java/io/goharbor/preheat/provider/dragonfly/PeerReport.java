package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Warmth;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which peers hold which blobs of a manifest, as schedulers reported it. The word SUCCESS is not
 * believed: with a single seed peer, blobs that failed are left out and the job still ends SUCCESS
 * (dragonfly 2.3.1 to 2.5.1, {@code scheduler/job/job.go}).
 */
record PeerReport(Map<Job.Peer, Set<String>> held, Map<Job.Peer, String> failures) {
  private static final int NAMED_PEERS = 10;
  private static final String NO_PEER = "no scheduler knows a peer with this address";

  /** What of a result concerns these blobs. */
  static PeerReport of(Job.Result result, ImageManifest manifest) {
    Set<String> wanted = new HashSet<>();
    manifest.blobs().forEach(blob -> wanted.add(blob.digest()));
    PeerReport report = new PeerReport(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (Job.TaskState task : result.tasks()) {
      for (Job.ClusterResult cluster : task.clusters()) {
        for (Job.PeerTask success : cluster.successes()) {
          if (wanted.contains(success.digest())) {
            report
                .held
                .computeIfAbsent(success.peer(), peer -> new HashSet<>())
                .add(success.digest());
          }
        }
        for (Job.PeerTask failure : cluster.failures()) {
          String said = failure.description() == null ? "" : failure.description();
          report.failures.putIfAbsent(
              failure.peer(), said.isBlank() ? "no description" : Words.clean(said));
        }
      }
    }
    return report;
  }

  /** The reports of several clusters as one. */
  static PeerReport union(Collection<PeerReport> reports) {
    PeerReport all = new PeerReport(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (PeerReport report : reports) {
      report.held.forEach(
          (peer, blobs) -> all.held.computeIfAbsent(peer, key -> new HashSet<>()).addAll(blobs));
      report.failures.forEach(all.failures::putIfAbsent);
    }
    return all;
  }

  /** The same, with a failure for each address that no peer answers to; schedulers skip those. */
  PeerReport expecting(List<String> addresses) {
    Set<String> seen = new HashSet<>();
    held.keySet().forEach(peer -> seen.add(peer.ip()));
    failures.keySet().forEach(peer -> seen.add(peer.ip()));
    Map<Job.Peer, String> more = new LinkedHashMap<>(failures);
    for (String address : addresses) {
      if (!seen.contains(address)) {
        more.put(new Job.Peer("unknown", address), NO_PEER);
      }
    }
    return new PeerReport(held, more);
  }

  /** How warm that is. */
  Warmth warmth(ImageManifest manifest, Target.Scope scope) {
    Map<String, Long> sizes = new HashMap<>();
    manifest.blobs().forEach(blob -> sizes.put(blob.digest(), blob.size()));
    List<String> named =
        failures.entrySet().stream()
            .limit(NAMED_PEERS)
            .map(failure -> failure.getKey() + ": " + shorten(failure.getValue()))
            .toList();
    boolean one = scope == Target.Scope.SINGLE_SEED_PEER;
    long complete = held.values().stream().filter(blobs -> blobs.size() == sizes.size()).count();
    return new Warmth(
        true,
        one ? bytes(allHeld(), sizes) : meanOverPeers(sizes),
        manifest.bytes(),
        one ? held.size() : (int) complete,
        named,
        failures.size());
  }

  private Set<String> allHeld() {
    Set<String> all = new HashSet<>();
    held.values().forEach(all::addAll);
    return all;
  }

  /** A Manager takes a host out of the successes as soon as one blob failed on it. */
  private long meanOverPeers(Map<String, Long> sizes) {
    Set<Job.Peer> peers = new LinkedHashSet<>(held.keySet());
    peers.addAll(failures.keySet());
    long sum = 0;
    for (Job.Peer peer : peers) {
      sum += bytes(held.getOrDefault(peer, Set.of()), sizes);
    }
    return peers.isEmpty() ? 0 : sum / peers.size();
  }

  private static long bytes(Set<String> digests, Map<String, Long> sizes) {
    return digests.stream().mapToLong(digest -> sizes.getOrDefault(digest, 0L)).sum();
  }

  private static String shorten(String text) {
    return text.length() <= 120 ? text : text.substring(0, 119) + "…";
  }
}
