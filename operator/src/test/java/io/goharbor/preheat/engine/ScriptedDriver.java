package io.goharbor.preheat.engine;

import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A P2P system of one object: what it answers is set by the test. */
final class ScriptedDriver implements P2PDriver {
  static final ImageManifest IMAGE =
      new ImageManifest(
          "https://h",
          "shop",
          "web",
          "sha256:m",
          "application/vnd.oci.image.manifest.v1+json",
          List.of(new ImageManifest.Blob("sha256:l", 100)));
  static final Warmth WARM = Warmth.complete(100, 2);

  volatile Health health = new Health.Usable(null, java.util.EnumSet.allOf(Capability.class));
  volatile Function<PreheatOrder, Submission> submits =
      order -> new Submission.Accepted("job-" + order.id());
  volatile Function<RunningJob, Observation> looks = job -> new Observation.InProgress(0);
  volatile Function<PreheatOrder, VerificationResult> finds =
      order -> new VerificationResult.CannotTell("no");
  volatile Duration pause = Duration.ofMillis(5);
  final List<String> submitted = new CopyOnWriteArrayList<>();
  final List<Integer> looked = new CopyOnWriteArrayList<>();
  volatile boolean closed;
  final AtomicInteger verifying = new AtomicInteger();
  final AtomicInteger mostVerifying = new AtomicInteger();

  static PreheatOrder order(String id) {
    return order(id, Duration.ofHours(1));
  }

  static PreheatOrder order(String id, Duration timeLimit) {
    return new PreheatOrder(
        id, IMAGE, null, null, Target.DEFAULT, timeLimit, () -> PullAuthorization.ANONYMOUS);
  }

  @Override
  public Health probe() {
    return health;
  }

  @Override
  public Submission submit(PreheatOrder order) {
    submitted.add(order.id());
    return submits.apply(order);
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    return submit(order);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    looked.add(jobs.size());
    Map<String, Observation> seen = new LinkedHashMap<>();
    jobs.forEach(job -> seen.put(job.jobId(), looks.apply(job)));
    return seen;
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    return lastLook.plus(pause);
  }

  @Override
  public VerificationResult verify(PreheatOrder order) {
    mostVerifying.accumulateAndGet(verifying.incrementAndGet(), Math::max);
    try {
      return finds.apply(order);
    } finally {
      verifying.decrementAndGet();
    }
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    return new Cancellation.Stopped();
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return new Eviction.Evicted(1);
  }

  @Override
  public void close() {
    closed = true;
  }
}
