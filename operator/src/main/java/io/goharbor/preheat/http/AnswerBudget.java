package io.goharbor.preheat.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The heap that all answers under way share. It is charged for what an answer really keeps; who
 * gets nothing waits, and meanwhile reads no more from its server.
 *
 * <p>A namespace, a host and an answer have half of it at most. Answers that wait while they keep
 * something could wait for each other; so there is a reserve of another half, from which one of
 * them at a time is served: one of the namespace that keeps the least.
 */
final class AnswerBudget {
  /** How long an answer may be the one that the reserve serves, while others wait. */
  private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** What an answer does that can have no more. */
  enum Refusal {
    /** It alone takes too much. */
    TOO_LARGE,
    /** There was none left in time. */
    NONE_LEFT
  }

  private final long all;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Long> shares = new HashMap<>();
  private final List<Charge> waiting = new ArrayList<>();
  private long taken;
  private @Nullable Charge served;
  private long servedSince;

  AnswerBudget(long all) {
    this.all = all;
  }

  /** Begins an answer. */
  Charge open(String namespace, String host, Deadline deadline) {
    return new Charge(List.of("namespace " + namespace, "host " + host), deadline);
  }

  /** Bytes that are taken now. */
  long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** The most that one answer may keep. */
  long largest() {
    return all / 2;
  }

  /** What one answer keeps; all of it is given back at the end. */
  final class Charge implements AutoCloseable {
    // So much is not counted: taking it would cost more than it is worth.
    private static final int STEP = 16 * 1024;

    private final List<String> keys;
    private final Deadline deadline;
    private long own;
    private long pending;

    private Charge(List<String> keys, Deadline deadline) {
      this.keys = keys;
      this.deadline = deadline;
    }

    /** Takes some more; waits for it when there is none left. */
    void add(long bytes) throws RefusedException {
      pending += bytes;
      if (pending > STEP) {
        long step = pending;
        pending = 0;
        take(step);
      }
    }

    private void take(long bytes) throws RefusedException {
      if (own + bytes > largest()) {
        throw new RefusedException(Refusal.TOO_LARGE);
      }
      lock.lock();
      try {
        waiting.add(this);
        while (!grantable(bytes)) {
          if (deadline.leftNanos() <= 0) {
            throw new RefusedException(Refusal.NONE_LEFT);
          }
          // A turn that is over is no one's to tell.
          var _ = changed.await(Math.min(deadline.leftNanos(), TURN_NANOS), TimeUnit.NANOSECONDS);
        }
        own += bytes;
        taken += bytes;
        keys.forEach(key -> shares.merge(key, bytes, Long::sum));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RefusedException(Refusal.NONE_LEFT);
      } finally {
        waiting.remove(this);
        lock.unlock();
      }
    }

    private boolean grantable(long bytes) {
      boolean within =
          keys.stream().allMatch(key -> shares.getOrDefault(key, 0L) + bytes <= largest());
      if (within && taken + bytes <= all) {
        return true;
      }
      Charge now = served;
      if (now == null || System.nanoTime() - servedSince > TURN_NANOS) {
        Charge next =
            waiting.stream()
                .min(
                    Comparator.comparingLong(
                        charge -> shares.getOrDefault(charge.keys.getFirst(), 0L)))
                .orElse(this);
        if (next == this) {
          served = this;
          servedSince = System.nanoTime();
        }
      }
      return served == this && taken + bytes <= all + largest();
    }

    @Override
    public void close() {
      lock.lock();
      try {
        taken -= own;
        keys.forEach(
            key -> shares.computeIfPresent(key, (k, held) -> held == own ? null : held - own));
        own = 0;
        if (served == this) {
          served = null;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** There is no more. */
  static final class RefusedException extends java.io.IOException {
    private static final long serialVersionUID = 1L;

    private final Refusal why;

    RefusedException(Refusal why) {
      super(why.toString());
      this.why = why;
    }

    Refusal why() {
      return why;
    }
  }
}
