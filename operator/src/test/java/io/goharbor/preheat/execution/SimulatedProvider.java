package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.Reason;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A P2P system that fails in all the ways that drivers tell of. */
final class SimulatedProvider implements P2PDriver {
  private record Job(Instant ends, boolean succeeds) {}

  private final Random random;
  private final InstantSource clock;
  private final Map<String, Job> jobs = new HashMap<>();
  private boolean down;
  private boolean well;

  SimulatedProvider(Random random, InstantSource clock) {
    this.random = random;
    this.clock = clock;
  }

  void down(boolean now) {
    down = now;
  }

  /** From now on it answers, and every job succeeds. */
  void well() {
    down = false;
    well = true;
  }

  private boolean chance(int of) {
    return !well && random.nextInt(of) == 0;
  }

  @Override
  public Health probe() {
    return down
        ? new Health.Unusable(Reason.UNREACHABLE, "down", false)
        : new Health.Usable(null, EnumSet.allOf(Capability.class));
  }

  @Override
  public Submission submit(PreheatOrder order) {
    if (down) {
      return chance(3)
          ? new Submission.Unknown("no answer")
          : new Submission.NotNow(Reason.UNREACHABLE, "down", null, true, true);
    }
    if (chance(20)) {
      return new Submission.NotNow(Reason.RATE_LIMITED, "slow down", null, false, true);
    }
    if (chance(40)) {
      return new Submission.Refused(Reason.REJECTED, "never");
    }
    if (chance(30)) {
      throw new IllegalStateException("a fault of the driver before it sent");
    }
    jobs.put(
        order.id(), new Job(clock.instant().plusSeconds(random.nextInt(120)), well || !chance(8)));
    if (chance(30)) {
      throw new IllegalStateException("a fault of the driver after it sent");
    }
    return chance(10) ? new Submission.Unknown("no answer") : new Submission.Accepted(order.id());
  }

  @Override
  public Submission adopt(PreheatOrder order) {
    if (down) {
      return new Submission.NotNow(Reason.UNREACHABLE, "down", null, true, true);
    }
    return jobs.containsKey(order.id()) ? new Submission.Accepted(order.id(), true) : submit(order);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> asked) {
    if (chance(40)) {
      throw new IllegalStateException("a fault of the driver while it looked");
    }
    Map<String, Observation> seen = new LinkedHashMap<>();
    asked.forEach(job -> seen.put(job.jobId(), observe(job)));
    return seen;
  }

  private Observation observe(RunningJob asked) {
    Job job = jobs.get(asked.jobId());
    if (down) {
      return new Observation.NoAnswer(Reason.UNREACHABLE, "down");
    }
    if (job == null) {
      return new Observation.OutcomeUnknown("forgotten");
    }
    if (clock.instant().isBefore(job.ends())) {
      return new Observation.InProgress(0);
    }
    return job.succeeds()
        ? new Observation.Finished(Warmth.complete(100, 1))
        : new Observation.Failed(Reason.JOB_FAILED, "failed");
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    return lastLook.plusSeconds(5);
  }

  @Override
  public VerificationResult verify(PreheatOrder order) {
    if (chance(10)) {
      throw new IllegalStateException("a fault of the driver while it verified");
    }
    return chance(3)
        ? new VerificationResult.NoAnswer(Reason.UNREACHABLE, "down")
        : new VerificationResult.CannotTell("not here");
  }

  @Override
  public Cancellation cancel(RunningJob job) {
    jobs.remove(job.jobId());
    return new Cancellation.Stopped();
  }

  @Override
  public Eviction evict(PreheatOrder order) {
    return new Eviction.Evicted(1);
  }

  @Override
  public void close() {}
}
