package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.SweepPass;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.SystemInfo;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.PerObjectCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When registries are swept, where that stands, and what a status is to tell of it. */
final class Sweeps {
  private static final Logger log = LoggerFactory.getLogger(Sweeps.class);
  private static final Duration SHORTEST = Duration.ofSeconds(30);

  /** A sweep holds up the probe of its registry, and the repair of its webhooks. */
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** The share of the allowed requests that a sweep may take, as its reciprocal. */
  private static final int SHARE = 20;

  private static final int FEWEST_PAGES = 10;
  private static final CatchUpStatus NOTHING = new CatchUpStatus(null, null, null, null, null);

  /** How late the status may tell of a sweep that found nothing. */
  private static final Duration SIGN_OF_LIFE = Duration.ofHours(1);

  /**
   * What came of it.
   *
   * @param status what the status is to tell
   * @param failure of Harbor; null: there was none
   */
  record Result(@Nullable CatchUpStatus status, @Nullable RemoteCallException failure) {}

  private final CatchUp catchUp;
  private final RegistryMetrics metrics;
  private final InstantSource clock;
  private final PerObjectCache<CatchUpStatus> last = new PerObjectCache<>();

  Sweeps(CatchUp catchUp, RegistryMetrics metrics, InstantSource clock) {
    this.catchUp = catchUp;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** The time between two sweeps. */
  static Duration interval(HarborRegistrySpec spec) {
    Duration wanted =
        DurationText.parse(spec.catchUp() == null ? "10m" : spec.catchUp().interval());
    return wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
  }

  /** Forgets a registry that was deleted. */
  void forget(ObjectKey registry) {
    last.forget(registry);
  }

  /**
   * Sweeps when it is time, or when the last sweep was interrupted.
   *
   * @param told what the status tells
   * @param deleted whether the registry is being deleted meanwhile; then the sweep ends
   */
  Result sweepIfDue(
      HarborRegistry registry,
      HarborClient harbor,
      SystemInfo info,
      @Nullable CatchUpStatus told,
      Instant now,
      BooleanSupplier deleted) {
    ObjectKey key = ObjectKey.of(registry);
    CatchUpStatus before = last.find(registry).orElse(told == null ? NOTHING : told);
    Duration interval = interval(registry.getSpec());
    Instant created = Instant.parse(registry.getMetadata().getCreationTimestamp());
    Instant lastTime = before.lastTime();
    CatchUp.Progress progress =
        new CatchUp.Progress(
            pass(before.pushes(), lastTime, created), pass(before.changes(), lastTime, created));
    if (lastTime != null
        && !lastTime.isAfter(now)
        && lastTime.plus(interval).isAfter(now)
        && progress.pushes().began() == null
        && !catchUp.isAwaited(key, progress)) {
      return new Result(told, null);
    }
    Instant harborNow = info.time() == null ? now : info.time();
    Instant began = harborNow.truncatedTo(ChronoUnit.SECONDS);
    CatchUp.Outcome outcome =
        catchUp.sweep(
            key,
            harbor,
            progress,
            new CatchUp.Start(
                began,
                Duration.between(now, harborNow),
                // Harbor's clock may have been set back since.
                harborNow.minus(Duration.between(lastTime == null ? created : lastTime, now))),
            budget(registry.getSpec(), interval, now, deleted));
    return new Result(tell(registry, told, before, outcome, now), outcome.failure());
  }

  /** A pass with a time until which all was seen. */
  private static SweepPass pass(
      @Nullable SweepPass pass, @Nullable Instant lastTime, Instant created) {
    if (pass != null && pass.seenUntil() != null) {
      return pass;
    }
    Instant seen = lastTime == null ? created : lastTime;
    return pass == null
        ? new SweepPass(seen, null, null, null, null)
        : new SweepPass(seen, pass.began(), pass.project(), pass.pushTime(), pass.leftOut());
  }

  private RequestBudget budget(
      HarborRegistrySpec spec, Duration interval, Instant now, BooleanSupplier deleted) {
    long pages = Math.max(FEWEST_PAGES, interval.toSeconds() * spec.requestLimit() / SHARE);
    return new RequestBudget(
        (int) Math.min(Integer.MAX_VALUE, pages),
        now.plus(interval.compareTo(LONGEST) < 0 ? interval : LONGEST),
        clock,
        deleted);
  }

  private @Nullable CatchUpStatus tell(
      HarborRegistry registry,
      @Nullable CatchUpStatus told,
      CatchUpStatus before,
      CatchUp.Outcome outcome,
      Instant now) {
    ObjectKey key = ObjectKey.of(registry);
    int found = outcome.found();
    if (found > 0) {
      log.atInfo()
          .addKeyValue("registry", key)
          .addKeyValue("artifacts", found)
          .log("The catch-up sweep found artifacts that no webhook reported");
      metrics.missed(key).increment(found);
    }
    Duration took = Duration.between(now, clock.instant());
    metrics.sweeps(key).record(took);
    CatchUp.Progress progress = outcome.progress();
    boolean pushesSeen = progress.pushes().began() == null;
    CatchUpStatus swept =
        new CatchUpStatus(
            pushesSeen ? now.truncatedTo(ChronoUnit.SECONDS) : before.lastTime(),
            DurationText.format(took),
            (before.missedArtifacts() == null ? 0 : before.missedArtifacts()) + found,
            progress.pushes(),
            progress.changes());
    last.put(registry, swept);
    return found == 0
            && told != null
            && !underWay(swept)
            && !underWay(told)
            && Backlog.all(swept).equals(Backlog.all(told))
            && tellsEnough(told, registry, now)
        ? told
        : swept;
  }

  private static boolean underWay(CatchUpStatus status) {
    return began(status.pushes()) || began(status.changes());
  }

  private static boolean began(@Nullable SweepPass pass) {
    return pass != null && pass.began() != null;
  }

  /** After a restart the next sweep begins there, so while there are events it must keep up. */
  private boolean tellsEnough(CatchUpStatus told, HarborRegistry registry, Instant now) {
    Instant time = told.lastTime();
    return time != null
        && told.changes() != null
        && time.plus(SIGN_OF_LIFE).isAfter(now)
        && LastEvents.of(registry.getStatus()).filter(heard -> heard.isAfter(time)).isEmpty();
  }
}
