package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.world.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a replica as a kubelet does: starts it again when it ends, and ends it when its liveness
 * fails three times in a row.
 */
final class Kubelet implements AutoCloseable {
  private static final int FAILURES = 3;

  /** Of the startup probe. */
  private static final int START_FAILURES = 30;

  private static final Duration RESTART = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final String name;
  private final OperatorProcess process;
  private final Duration period;
  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicInteger unlively = new AtomicInteger();
  private final Thread thread;
  private volatile String host = "";
  private volatile boolean ready;
  private volatile boolean over;

  /**
   * Starts a replica.
   *
   * @param period of the probes
   */
  Kubelet(String name, Path kubeconfig, Path log, Duration period) {
    this.name = name;
    this.process = new OperatorProcess(kubeconfig, log);
    this.period = period;
    this.thread = Thread.ofPlatform().name("kubelet-" + name).unstarted(this::run);
  }

  /** Its process, for settings before {@link #start}. */
  OperatorProcess process() {
    return process;
  }

  void start() {
    startProcess();
    thread.start();
  }

  private void startProcess() {
    host = name + "-" + starts.incrementAndGet();
    process.with("HOSTNAME", host);
    process.start();
  }

  private void run() {
    try {
      int failures = 0;
      boolean begun = false;
      while (!over) {
        Thread.sleep(period);
        if (!process.handle().isAlive()) {
          ready = false;
          Thread.sleep(RESTART);
          startProcess();
          failures = 0;
          begun = false;
          continue;
        }
        boolean lively = process.probe("/livez").code() == 200;
        begun |= lively;
        failures = lively ? 0 : failures + 1;
        ready = process.probe("/readyz").code() == 200;
        if (failures >= (begun ? FAILURES : START_FAILURES)) {
          unlively.incrementAndGet();
          if (!process.terminate(GRACE)) {
            process.kill();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the replica that runs now is the one that a Lease names so. */
  boolean isHolder(@Nullable String identity) {
    return identity != null && identity.startsWith(host + "_") && process.handle().isAlive();
  }

  /** What the replica is called, however often it was started. */
  String name() {
    return name;
  }

  boolean ready() {
    return ready;
  }

  /** How often it was started again. */
  int restarts() {
    return starts.get() - 1;
  }

  /** How often it was ended because its liveness failed. */
  int unlively() {
    return unlively.get();
  }

  @Override
  public void close() {
    over = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.close();
  }
}
