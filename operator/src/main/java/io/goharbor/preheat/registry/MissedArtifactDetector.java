package io.goharbor.preheat.registry;

import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.matching.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says whether a policy should have heard of an artifact. */
final class MissedArtifactDetector {
  /**
   * What is looked for. All by Harbor's clock.
   *
   * @param since what changed earlier was seen before
   * @param until what changed later is left to its webhook, which may be under way
   */
  record Period(Instant since, Instant until, Instant now) {}

  /** What is known of a policy's artifacts, each named as in {@link #key}. */
  interface Past {
    /** Whether all that was selected before is marked. */
    boolean complete();

    /** Whether it was selected before. */
    boolean marked(String key);

    /** Whether an execution was made for it. Costs more than the other questions. */
    boolean handled(String key);
  }

  /**
   * A selected artifact.
   *
   * @param keys those of the artifact and its wanted copies
   * @param missed digests of which no one told, the artifact's own first if it is among them
   * @param tag a tag that is selected
   */
  record Selected(String repository, List<String> keys, List<String> missed, String tag) {}

  private MissedArtifactDetector() {}

  /** The name of an artifact in {@link Past}. */
  static String key(String repository, String digest) {
    return repository + "@" + digest;
  }

  /**
   * Looks at an artifact; null when the policy does not select it, or when it is of no interest.
   */
  static @Nullable Selected of(
      SweptPolicy policy, HarborArtifact artifact, Period period, Past past) {
    String repository = artifact.project() + "/" + artifact.repository();
    Instant newest = newest(artifact);
    boolean known = policy.undated() && past.marked(key(repository, artifact.digest()));
    if ((newest.isAfter(period.until()) && !known)
        || (!policy.undated() && newest.isBefore(period.since()))
        || !(policy.selector().decide(artifact.candidate(artifact.tags()), period.now())
            instanceof Decision.Matched matched)) {
      return null;
    }
    Instant selected = selectedSince(policy, artifact, matched.tags());
    List<String> digests = new ArrayList<>(List.of(artifact.digest()));
    if (policy.copies()) {
      digests.addAll(artifact.nydusCopies());
    }
    List<String> missed = new ArrayList<>();
    for (String digest : digests) {
      String key = key(repository, digest);
      Instant attached = artifact.dates().accessories().getOrDefault(digest, selected);
      boolean dated = !later(selected, attached).isBefore(period.since());
      boolean news = policy.undated() ? !past.marked(key) && (dated || past.complete()) : dated;
      if (news && !past.handled(key)) {
        missed.add(digest);
      }
    }
    return new Selected(
        repository,
        digests.stream().map(digest -> key(repository, digest)).toList(),
        missed,
        matched.tags().getFirst());
  }

  /** The last date that Harbor tells of an artifact; the epoch when it tells none. */
  private static Instant newest(HarborArtifact artifact) {
    return Stream.of(
            Stream.ofNullable(artifact.pushTime()),
            artifact.dates().tags().values().stream(),
            artifact.dates().accessories().values().stream())
        .flatMap(dates -> dates)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** Since when an artifact has what Harbor dates of that for which it is selected. */
  private static Instant selectedSince(
      SweptPolicy policy, HarborArtifact artifact, List<String> selectedTags) {
    Instant pushed = artifact.pushTime() == null ? Instant.EPOCH : artifact.pushTime();
    Instant tagged =
        selectedTags.stream()
            .map(tag -> artifact.dates().tags().getOrDefault(tag, pushed))
            .min(Comparator.naturalOrder())
            .orElse(pushed);
    Instant signed =
        artifact.accessories().stream()
            .filter(accessory ->
                accessory.signature().filter(policy.signatures()::contains).isPresent())
            .map(accessory ->
                artifact.dates().accessories().getOrDefault(accessory.digest(), pushed))
            .min(Comparator.naturalOrder())
            .orElse(pushed);
    return later(pushed, later(tagged, signed));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }
}
