package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.api.builder.TaskStatusBuilder;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.kube.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Collects what planning finds; the same digest is planned once for each provider. */
public final class PlanBuilder {
  /** Reasons that concern a part of an artifact; they come last, for they explain least. */
  private static final Set<Reason> OF_PARTS =
      Set.of(Reason.PLATFORM_NOT_SELECTED, Reason.ACCESSORY_NOT_SELECTED, Reason.NOT_RUNNABLE);

  private static final int SAMPLES = 5;
  private static final int SAMPLE_LENGTH = 512;
  private static final int NAMED_TAGS = 5;

  private record PlannedManifest(
      ImageManifest image,
      @Nullable String platform,
      @Nullable AccessoryKind accessory,
      Set<String> tags) {}

  private record Skips(List<SkippedReason.Sample> samples, int[] count) {}

  private final Map<String, PlannedManifest> manifests = new LinkedHashMap<>();
  private final Map<Reason, Skips> skips = new EnumMap<>(Reason.class);
  private final Set<String> artifacts = new HashSet<>();
  private int missing;

  /**
   * An artifact was selected and has manifests.
   *
   * @param digest of the artifact, be it an index; under several tags it is one artifact
   */
  void selected(String repository, String digest) {
    artifacts.add(repository + "@" + digest);
  }

  /**
   * A manifest of a selected artifact; one that comes again only adds its tags.
   *
   * @param accessory what it is to the artifact; null: it is the artifact itself
   * @param tags of the artifact
   */
  void add(
      ImageManifest image,
      @Nullable String platform,
      @Nullable AccessoryKind accessory,
      List<String> tags) {
    manifests
        .computeIfAbsent(
            image.fullRepository() + "@" + image.digest(),
            key -> new PlannedManifest(image, platform, accessory, new TreeSet<>()))
        .tags()
        .addAll(tags);
  }

  /** An artifact, or a part of one, is left out. */
  void skip(String artifact, Reason reason, String message) {
    Skips skip = skips.computeIfAbsent(reason, key -> new Skips(new ArrayList<>(), new int[1]));
    skip.count()[0]++;
    if (skip.samples().size() < SAMPLES) {
      skip.samples().add(new SkippedReason.Sample(artifact, shortened(message)));
    }
  }

  /** An artifact that was asked for by name cannot be preheated. */
  void missing(String artifact, Reason reason, String message) {
    missing++;
    skip(artifact, reason, message);
  }

  Plan build(List<ObjectKey> providers, boolean dryRun) {
    List<TaskStatus> tasks = new ArrayList<>();
    for (PlannedManifest manifest : manifests.values()) {
      for (ObjectKey provider : providers) {
        tasks.add(task(manifest, provider, dryRun));
      }
    }
    return new Plan(artifacts.size(), tasks, skipped(), missing);
  }

  /** Artifacts that were asked for by name and cannot be preheated. */
  int missing() {
    return missing;
  }

  /** What is left out, with counts for each reason. */
  List<SkippedReason> skipped() {
    List<SkippedReason> skipped = new ArrayList<>();
    Stream.concat(
            skips.keySet().stream().filter(reason -> !OF_PARTS.contains(reason)),
            skips.keySet().stream().filter(OF_PARTS::contains))
        .forEach(reason -> skipped.add(skipped(reason)));
    return List.copyOf(skipped);
  }

  private SkippedReason skipped(Reason reason) {
    Skips skip = Objects.requireNonNull(skips.get(reason));
    return new SkippedReason(reason.toString(), skip.count()[0], List.copyOf(skip.samples()));
  }

  private static TaskStatus task(PlannedManifest manifest, ObjectKey provider, boolean dryRun) {
    ImageManifest image = manifest.image();
    String artifact =
        image.fullRepository()
            + (manifest.tags().isEmpty() ? "@" + image.digest() : ":" + names(manifest.tags()));
    return TaskStatusBuilder.builder()
        .id(id(image, provider))
        .artifact(artifact)
        .repository(image.fullRepository())
        .digest(image.digest())
        .platform(manifest.platform())
        .accessory(manifest.accessory())
        .provider(provider.toString())
        .state(dryRun ? TaskState.PLANNED : TaskState.WAITING)
        .bytes(image.bytes())
        .reason(dryRun ? Reason.DRY_RUN : null)
        .build();
  }

  private static String names(Set<String> tags) {
    String first = tags.stream().limit(NAMED_TAGS).collect(Collectors.joining(","));
    return tags.size() <= NAMED_TAGS ? first : first + ",+" + (tags.size() - NAMED_TAGS);
  }

  private static String shortened(String message) {
    return message.length() <= SAMPLE_LENGTH
        ? message
        : message.substring(0, SAMPLE_LENGTH - 1) + "…";
  }

  private static String id(ImageManifest image, ObjectKey provider) {
    return hash(image.fullRepository() + "@" + image.digest() + " " + provider);
  }

  /** Ten hexadecimal digits that stand for a text. */
  public static String hash(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
