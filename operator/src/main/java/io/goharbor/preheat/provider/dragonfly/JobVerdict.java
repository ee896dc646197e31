package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.Warmth;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the jobs of one order mean together. Several clusters are one task: it goes on until the
 * last one ended, and is as warm as the coldest.
 */
final class JobVerdict {
  private static final Pattern PULL_DENIED =
      Pattern.compile("unauthorized|\\bdenied\\b|\\b401\\b|\\b403\\b");
  private static final String NO_PEER_FOR_IPS = "no peer found for ips";

  /** One job, as far as the Manager's record goes. */
  sealed interface Part {
    /** Not ended, or in a state that only a later version knows. */
    record Running() implements Part {}

    /**
     * The Manager says that it is done.
     *
     * @param name of the part of the target: the scheduler cluster, or empty
     * @param warmPeers peers that needed nothing more and are not in the report
     */
    record Ended(String name, PeerReport peers, int warmPeers, boolean withoutPeers)
        implements Part {}

    /** The Manager says that it failed. */
    record Broken(String message) implements Part {}

    /** No one knows how it ended. */
    record Lost(String message) implements Part {}
  }

  private JobVerdict() {}

  /** What a Manager's record says. */
  static Part part(long id, Job job, ImageManifest manifest) {
    Job.Result result = job.resultOrNone();
    return switch (job.state()) {
      case "SUCCESS" -> {
        Bio bio = Bio.parse(job.bio());
        yield new Part.Ended(
            bio.cluster(), PeerReport.of(job, manifest), bio.warmPeers(), result.withoutPeers());
      }
      case "FAILURE" ->
          // The Manager stops watching after 3750 s and leaves what it had read last.
          "PENDING".equals(result.state())
              ? new Part.Lost(
                  "the Manager stopped watching job "
                      + id
                      + " before it ended; its outcome is unknown")
              : new Part.Broken("job " + id + ": " + errors(result));
      // PENDING, RECEIVED, STARTED, RETRY, and whatever a later version may add.
      case null, default -> new Part.Running();
    };
  }

  /** A job that the Manager does not know. */
  static Part unknown(long id) {
    return new Part.Lost("the Manager no longer knows job " + id);
  }

  private static String errors(Job.Result result) {
    Set<String> errors = new LinkedHashSet<>();
    for (Job.TaskState task : result.tasks()) {
      if (task.error() != null && !task.error().isBlank()) {
        errors.add(ManagerMessages.clean(task.error()));
      }
    }
    result.tasks().stream()
        .flatMap(task -> task.clusters().stream())
        .flatMap(cluster -> cluster.failures().stream())
        .filter(failure -> failure.description() != null && !failure.description().isBlank())
        .findFirst()
        .ifPresent(failure ->
            errors.add(
                failure.peer()
                    + ": "
                    + ManagerMessages.clean(String.valueOf(failure.description()))));
    return errors.isEmpty() ? "the Manager gives no reason" : String.join("; ", errors);
  }

  /** What the parts mean together. */
  static Observation of(PreheatOrder order, List<Part> parts) {
    List<Part.Ended> ended = only(parts, Part.Ended.class).toList();
    if (parts.stream().anyMatch(part -> part instanceof Part.Running)) {
      int percents = ended.stream().mapToInt(part -> warmth(order, part).percent()).sum();
      return new Observation.InProgress(percents / parts.size());
    }
    List<String> broken =
        only(parts, Part.Broken.class)
            .map(Part.Broken::message)
            // With addresses, a cluster that has none of them is not at fault as long as others do.
            .filter(message -> ended.isEmpty() || !message.contains(NO_PEER_FOR_IPS))
            .toList();
    if (!broken.isEmpty()) {
      String message = String.join("; ", broken);
      boolean denied = PULL_DENIED.matcher(message.toLowerCase(Locale.ROOT)).find();
      return new Observation.Failed(denied ? Reason.PULL_DENIED : Reason.JOB_FAILED, message);
    }
    List<String> lost = only(parts, Part.Lost.class).map(Part.Lost::message).toList();
    return lost.isEmpty()
        ? new Observation.Finished(warmth(order, ended), denied(ended) ? Reason.PULL_DENIED : null)
        : new Observation.OutcomeUnknown(String.join("; ", lost));
  }

  /** Whether peers failed, and each of them because the registry let it pull no more. */
  private static boolean denied(List<Part.Ended> ended) {
    List<String> said =
        ended.stream().flatMap(part -> part.peers().failures().values().stream()).toList();
    return !said.isEmpty()
        && said.stream()
            .allMatch(words -> PULL_DENIED.matcher(words.toLowerCase(Locale.ROOT)).find());
  }

  private static Warmth warmth(PreheatOrder order, List<Part.Ended> ended) {
    ImageManifest manifest = order.manifest();
    if (ended.isEmpty() || ended.stream().anyMatch(Part.Ended::withoutPeers)) {
      return Warmth.unverified(manifest.bytes());
    }
    if (order.target().ips() != null) {
      return PeerReport.union(ended.stream().map(Part.Ended::peers).toList())
          .expecting(order.target().ips())
          .warmth(manifest, order.target().effectiveScope(), 0);
    }
    List<Warmth> each = ended.stream().map(part -> warmth(order, part)).toList();
    List<Remainder.Part> rest = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      if (each.get(i).heldBytes() < manifest.bytes()) {
        Part.Ended part = ended.get(i);
        rest.add(
            part.peers().remainder(part.name(), order.target().effectiveScope(), part.warmPeers()));
      }
    }
    return new Warmth(
        true,
        each.stream().mapToLong(Warmth::heldBytes).min().orElse(0),
        manifest.bytes(),
        each.stream().mapToInt(Warmth::peers).sum(),
        each.stream()
            .flatMap(warmth -> warmth.failedPeers().stream())
            .limit(10)
            .collect(Collectors.toList()),
        each.stream().mapToInt(Warmth::failedPeerCount).sum(),
        rest.isEmpty() ? null : new Remainder(rest));
  }

  private static Warmth warmth(PreheatOrder order, Part.Ended part) {
    return part.peers().warmth(order.manifest(), order.target().effectiveScope(), part.warmPeers());
  }

  private static <T extends Part> Stream<T> only(List<Part> parts, Class<T> kind) {
    return parts.stream().filter(kind::isInstance).map(kind::cast);
  }
}
