package io.goharbor.preheat.supervision;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps background loops going. A loop is one step that is taken again and again, on a thread of
 * its own. Whatever a step throws is logged and counted, and after a pause the step is taken again;
 * the pause doubles up to {@link Loop#LONGEST_PAUSE} while steps fail.
 *
 * <p>Safe for concurrent use.
 */
public final class Supervisor {
  /** One step of a loop; the next is taken when it returns. */
  @FunctionalInterface
  public interface Step {
    /**
     * Takes the step; it may wait.
     *
     * @throws InterruptedException when the loop is to end
     */
    void take() throws Exception;
  }

  /** Hears of loops, by their kind; there may be several of a kind. */
  @FunctionalInterface
  public interface Listener {
    /** A loop begins. */
    default void begins(String kind) {}

    /** A step failed, and will be taken again. */
    void failed(String kind);
  }

  private final Set<Loop> loops = ConcurrentHashMap.newKeySet();
  private final Listener listener;

  /**
   * A supervisor without loops.
   *
   * @param listener hears of all loops
   */
  public Supervisor(Listener listener) {
    this.listener = listener;
  }

  /**
   * Takes a step again and again, on a virtual thread.
   *
   * @param kind of the loop, for metrics and messages, as {@code group-committer}
   * @param within the longest that a loop in good health goes without a step that succeeds
   */
  public Loop loop(String kind, Duration within, Step step) {
    return start(Thread.ofVirtual(), kind, within, step);
  }

  /** The same on a platform thread, which runs whatever virtual threads do. */
  public Loop loopOnPlatformThread(String kind, Duration within, Step step) {
    return start(Thread.ofPlatform().daemon(), kind, within, step);
  }

  /** Takes a step, the first after a pause, with the same pause between steps. */
  public Loop every(String kind, Duration pause, Duration within, Step step) {
    return loop(
        kind,
        within.plus(pause),
        () -> {
          Thread.sleep(pause);
          step.take();
        });
  }

  private Loop start(Thread.Builder thread, String kind, Duration within, Step step) {
    listener.begins(kind);
    Loop loop = new Loop(kind, within, step, listener::failed, loops::remove);
    loops.add(loop);
    loop.start(thread);
    return loop;
  }

  /** A sentence that names a loop that ended or does not get on; empty: all do. */
  public Optional<String> trouble() {
    return loops.stream().flatMap(loop -> loop.trouble().stream()).sorted().findFirst();
  }
}
