package io.goharbor.preheat.runtime;

import io.goharbor.preheat.supervision.Supervisor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the probes are answered, from the start of the process to its end. */
final class Health {
  private final Supervisor supervisor;
  private final Informers informers;
  private final Leadership leadership;
  private volatile @Nullable Thread main;
  private volatile @Nullable String waitsFor = "the operator has not begun to start";
  private volatile boolean informed;
  private volatile boolean stopping;

  Health(Supervisor supervisor, Informers informers, Leadership leadership) {
    this.supervisor = supervisor;
    this.informers = informers;
    this.leadership = leadership;
  }

  /** The calling thread starts the operator, and lives as long as it. */
  void starting() {
    main = Thread.currentThread();
  }

  /** The start waits for something, which a sentence names. */
  void waitsFor(String what) {
    if (!stopping) {
      waitsFor = what;
    }
  }

  /** All informers have listed, and run from now on. */
  void informed() {
    informed = true;
  }

  void started() {
    if (!stopping) {
      waitsFor = null;
    }
  }

  void stopping() {
    stopping = true;
    waitsFor = "the operator is stopping";
  }

  boolean isInformed() {
    return informed;
  }

  boolean isStopping() {
    return stopping;
  }

  /** Whether events can be taken. */
  boolean takesEvents() {
    return waitsFor == null;
  }

  /** Why no event should be sent here, as a sentence; empty: send them. */
  Optional<String> notReady() {
    return Optional.ofNullable(waitsFor).or(leadership::trouble);
  }

  /** What has ended or makes no progress, so that only a new process helps; empty: nothing. */
  Optional<String> dead() {
    if (stopping) {
      return Optional.empty();
    }
    Thread starter = main;
    return starter != null && !starter.isAlive()
        ? Optional.of("the main thread has ended")
        : supervisor.trouble().or(() -> informed ? informers.trouble() : Optional.empty());
  }
}
