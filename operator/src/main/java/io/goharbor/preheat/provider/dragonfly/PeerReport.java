package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Remainder;
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
 *
 * @param asked digests that the job was to fetch: all of the manifest, or what was left of it
 * @param failures the first error of each peer that failed anything
 * @param failed digests that some peer failed
 */
record PeerReport(
    Set<String> asked,
    Map<Job.Peer, Set<String>> held,
    Map<Job.Peer, String> failures,
    Set<String> failed) {
  private static final int NAMED_PEERS = 10;
  private static final int MAX_ADDRESSES = 100;
  private static final String NO_PEER = "no scheduler knows a peer with this address";

  /** A report without any peer. */
  static PeerReport empty(Set<String> asked) {
    return new PeerReport(asked, new LinkedHashMap<>(), new LinkedHashMap<>(), new HashSet<>());
  }

  /** What of a job's result concerns what it was asked for. */
  static PeerReport of(Job job, ImageManifest manifest) {
    Set<String> asked = job.only().orElseGet(() -> digests(manifest));
    PeerReport report = empty(asked);
    for (Job.TaskState task : job.resultOrNone().tasks()) {
      for (Job.ClusterResult cluster : task.clusters()) {
        for (Job.PeerTask success : cluster.successes()) {
          report.holds(success.peer(), success.digest());
        }
        for (Job.PeerTask failure : cluster.failures()) {
          String said = failure.description() == null ? "" : failure.description();
          report.fails(
              failure.peer(),
              failure.digest(),
              said.isBlank() ? "no description" : ManagerMessages.clean(said));
        }
      }
    }
    return report;
  }

  static Set<String> digests(ImageManifest manifest) {
    Set<String> digests = new LinkedHashSet<>();
    manifest.blobs().forEach(blob -> digests.add(blob.digest()));
    return digests;
  }

  /** A peer holds a blob; one that no one asked for counts for nothing. */
  void holds(Job.Peer peer, String digest) {
    if (asked.contains(digest)) {
      held.computeIfAbsent(peer, key -> new HashSet<>()).add(digest);
    }
  }

  private void fails(Job.Peer peer, String digest, String said) {
    failures.putIfAbsent(peer, said);
    if (asked.contains(digest)) {
      failed.add(digest);
    }
  }

  /** The reports of several clusters as one. */
  static PeerReport union(Collection<PeerReport> reports) {
    Set<String> asked = new LinkedHashSet<>();
    reports.forEach(report -> asked.addAll(report.asked));
    PeerReport all = empty(asked);
    for (PeerReport report : reports) {
      report.held.forEach(
          (peer, blobs) -> all.held.computeIfAbsent(peer, key -> new HashSet<>()).addAll(blobs));
      report.failures.forEach(all.failures::putIfAbsent);
      all.failed.addAll(report.failed);
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
    return new PeerReport(asked, held, more, failed);
  }

  /**
   * How warm that is. What was not asked for is held already: only the rest is ever sent alone.
   *
   * @param warmPeers peers beside those of the report that hold everything
   */
  Warmth warmth(ImageManifest manifest, Target.Scope scope, int warmPeers) {
    Map<String, Long> sizes = new HashMap<>();
    manifest.blobs().forEach(blob -> sizes.put(blob.digest(), blob.size()));
    List<String> named =
        failures.entrySet().stream()
            .limit(NAMED_PEERS)
            .map(failure -> failure.getKey() + ": " + shorten(failure.getValue()))
            .toList();
    boolean one = scope == Target.Scope.SINGLE_SEED_PEER;
    long before = manifest.bytes() - bytes(asked, sizes);
    return new Warmth(
        true,
        before + (one ? bytes(allHeld(), sizes) : meanOverPeers(sizes, warmPeers)),
        manifest.bytes(),
        one ? held.size() : warmPeers + (int) complete(),
        named,
        failures.size());
  }

  /** What is left to do in a part of the target; its blobs are empty when that is everything. */
  Remainder.Part remainder(String part, Target.Scope scope, int warmPeers) {
    Set<String> blobs = new HashSet<>();
    if (scope == Target.Scope.SINGLE_SEED_PEER) {
      blobs.addAll(asked);
      blobs.removeAll(allHeld());
      return new Remainder.Part(part, blobs, List.of(), 0);
    }
    blobs.addAll(failed);
    Set<String> addresses = new LinkedHashSet<>();
    failures.keySet().forEach(peer -> addresses.add(peer.ip()));
    boolean known =
        !failed.isEmpty()
            && addresses.size() <= MAX_ADDRESSES
            && addresses.stream().noneMatch(ip -> ip.isBlank() || ip.equals("unknown"));
    return known
        ? new Remainder.Part(part, blobs, List.copyOf(addresses), warmPeers + (int) complete())
        : new Remainder.Part(part, failed.isEmpty() ? Set.of() : blobs, List.of(), 0);
  }

  private long complete() {
    return held.values().stream().filter(blobs -> blobs.containsAll(asked)).count();
  }

  private Set<String> allHeld() {
    Set<String> all = new HashSet<>();
    held.values().forEach(all::addAll);
    return all;
  }

  /** A Manager takes a host out of the successes as soon as one blob failed on it. */
  private long meanOverPeers(Map<String, Long> sizes, int warmPeers) {
    Set<Job.Peer> peers = new LinkedHashSet<>(held.keySet());
    peers.addAll(failures.keySet());
    long sum = bytes(asked, sizes) * warmPeers;
    for (Job.Peer peer : peers) {
      sum += bytes(held.getOrDefault(peer, Set.of()), sizes);
    }
    int count = peers.size() + warmPeers;
    return count == 0 ? 0 : sum / count;
  }

  private static long bytes(Set<String> digests, Map<String, Long> sizes) {
    return digests.stream().mapToLong(digest -> sizes.getOrDefault(digest, 0L)).sum();
  }

  private static String shorten(String text) {
    return text.length() <= 120 ? text : text.substring(0, 119) + "…";
  }
}
