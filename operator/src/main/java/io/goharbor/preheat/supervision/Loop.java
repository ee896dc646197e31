package io.goharbor.preheat.supervision;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A background loop; {@link Supervisor} starts it. */
public final class Loop implements AutoCloseable {
  /** Between two steps that fail. */
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);

  private final String kind;
  private final Duration within;
  private final Supervisor.Step step;
  private final Consumer<String> failed;
  private final Consumer<Loop> ended;
  private @Nullable Thread thread;
  private volatile boolean closed;

  /** By the clock of {@link System#nanoTime()}. */
  private volatile long succeeded = System.nanoTime();

  Loop(
      String kind,
      Duration within,
      Supervisor.Step step,
      Consumer<String> failed,
      Consumer<Loop> ended) {
    this.kind = kind;
    this.within = within;
    this.step = step;
    this.failed = failed;
    this.ended = ended;
  }

  synchronized void start(Thread.Builder builder) {
    thread = builder.name(kind).start(this::run);
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (!closed) {
      try {
        pause = takeStep() ? SHORTEST_PAUSE : waited(pause);
      } catch (InterruptedException e) {
        // Only who closes a loop has a reason to interrupt it; any other must not end it.
        if (closed) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  /** Whether it succeeded. */
  private boolean takeStep() throws InterruptedException {
    try {
      step.take();
      succeeded = System.nanoTime();
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      // Whatever it is, the loop goes on: its end would be worse, and liveness tells of it.
      failed.accept(kind);
      log.atError().addKeyValue("loop", kind).setCause(e).log("A background loop met an error");
      return false;
    }
  }

  private static Duration waited(Duration pause) throws InterruptedException {
    Thread.sleep(pause);
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
  }

  /** What is wrong with it, if anything is. */
  Optional<String> trouble() {
    if (closed) {
      return Optional.empty();
    }
    Thread running = thread();
    if (running != null && !running.isAlive()) {
      return Optional.of("the loop " + kind + " has ended");
    }
    Duration since = Duration.ofNanos(System.nanoTime() - succeeded);
    return since.compareTo(within) > 0
        ? Optional.of("the loop " + kind + " got no step done for " + since.toSeconds() + "s")
        : Optional.empty();
  }

  private synchronized @Nullable Thread thread() {
    return thread;
  }

  /** Ends the loop at once; a step under way is interrupted. */
  @Override
  public void close() {
    end(Duration.ZERO);
  }

  /**
   * Takes no more steps.
   *
   * @param grace how long a step under way may take before it is interrupted
   */
  public void end(Duration grace) {
    closed = true;
    Thread running = thread();
    if (running != null && !running.equals(Thread.currentThread())) {
      try {
        if (!grace.isPositive() || !running.join(grace)) {
          running.interrupt();
        }
      } catch (InterruptedException e) {
        running.interrupt();
        Thread.currentThread().interrupt();
      }
    }
    ended.accept(this);
  }
}
