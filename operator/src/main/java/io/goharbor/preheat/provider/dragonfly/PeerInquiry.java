package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the peers what they hold, one {@code get_task} for each blob and scheduler cluster: since
 * 2.4.0 every host then looks on its disk. A Manager that does not know that kind of job is asked
 * for the distribution of the image, which knows nodes only and counts what is still being fetched;
 * what it says is therefore never taken as the last word.
 */
final class PeerInquiry {
  private final DragonflyManager manager;
  private final TaskJobs jobs;
  private final TaskIds ids;

  PeerInquiry(DragonflyManager manager, TaskJobs jobs, TaskIds ids) {
    this.manager = manager;
    this.jobs = jobs;
    this.ids = ids;
  }

  /** Asks about all blobs of an order; takes until the Manager has recorded the answers. */
  VerificationResult verify(PreheatOrder order, List<Optional<Integer>> clusters) {
    try {
      return judge(order, clusters);
    } catch (TaskJobs.NotOfferedException e) {
      return distribution(order, clusters);
    } catch (RemoteCallException e) {
      return new VerificationResult.NoAnswer(e.reason(), e.describe());
    }
  }

  private VerificationResult judge(PreheatOrder order, List<Optional<Integer>> clusters)
      throws RemoteCallException, TaskJobs.NotOfferedException {
    ImageManifest manifest = order.manifest();
    Target.Scope scope = order.target().effectiveScope();
    List<Warmth> each = new ArrayList<>();
    boolean everyPeer = true;
    for (Optional<Integer> cluster : clusters) {
      Map<String, JobRequest.Task> questions = new LinkedHashMap<>();
      for (ImageManifest.Blob blob : manifest.blobs()) {
        questions.put(blob.digest(), TaskJobs.task(order, blob.digest(), ids.preheats()));
      }
      Map<String, List<Job.CachingPeer>> answers = jobs.peers(order, cluster, questions);
      if (answers.size() < questions.size()) {
        return new VerificationResult.NoAnswer(
            Reason.UNREACHABLE,
            "the Manager had not recorded what the peers hold after "
                + TaskJobs.PATIENCE.toMinutes()
                + "m");
      }
      PeerReport report = PeerReport.empty(PeerReport.digests(manifest));
      answers.forEach((digest, peers) ->
          peers.stream()
              .filter(Job.CachingPeer::hasAll)
              .filter(peer -> peer.seed() == (scope != Target.Scope.ALL_PEERS))
              .filter(peer -> addressed(order.target(), peer))
              .forEach(peer -> report.holds(peer.peer(), digest)));
      PeerReport all =
          order.target().ips() == null ? report : report.expecting(order.target().ips());
      Warmth warmth = all.warmth(manifest, scope, 0);
      each.add(warmth);
      everyPeer &= known(order.target(), warmth);
    }
    return new VerificationResult.Known(coldest(each, manifest), everyPeer);
  }

  private static boolean addressed(Target target, Job.CachingPeer peer) {
    return target.ips() == null || target.ips().contains(peer.peer().ip());
  }

  /** Peers that hold nothing are not named, and no call with a token counts a cluster's peers. */
  private static boolean known(Target target, Warmth warmth) {
    return target.effectiveScope() == Target.Scope.SINGLE_SEED_PEER
        || target.ips() != null
        || (target.count() != null && warmth.peers() >= target.count());
  }

  private static Warmth coldest(List<Warmth> each, ImageManifest manifest) {
    return new Warmth(
        true,
        each.stream().mapToLong(Warmth::heldBytes).min().orElse(0),
        manifest.bytes(),
        each.stream().mapToInt(Warmth::peers).sum(),
        each.stream().flatMap(warmth -> warmth.failedPeers().stream()).limit(10).toList(),
        each.stream().mapToInt(Warmth::failedPeerCount).sum());
  }

  private VerificationResult distribution(PreheatOrder order, List<Optional<Integer>> clusters) {
    if (order.target().effectiveScope() != Target.Scope.ALL_PEERS) {
      return new VerificationResult.CannotTell(
          "this Manager cannot be asked what seed peers hold; it takes no jobs of type get_task");
    }
    ImageManifest manifest = order.manifest();
    PeerReport report = PeerReport.empty(PeerReport.digests(manifest));
    try {
      for (Optional<Integer> cluster : clusters) {
        PullAuthorization authorization = order.pullAuthority().mint();
        Distribution seen =
            manager.distribution(JobRequest.distribution(order, cluster, authorization));
        for (Distribution.Node node : seen.peers()) {
          Set<String> held = new HashSet<>(node.digests());
          held.forEach(digest -> report.holds(node.peer(), digest));
        }
      }
    } catch (RemoteCallException e) {
      return e.status() == 422
          ? new VerificationResult.CannotTell(
              "this Manager cannot be asked what peers hold: " + e.describe())
          : new VerificationResult.NoAnswer(e.reason(), e.describe());
    }
    return new VerificationResult.Known(report.warmth(manifest, Target.Scope.ALL_PEERS, 0), false);
  }
}
