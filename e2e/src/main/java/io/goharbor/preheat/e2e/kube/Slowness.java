package io.goharbor.preheat.e2e.kube;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes an API server slow for some requests, which are named as {@link EmbeddedKube#requests}
 * names them, such as {@code POST preheatexecutions}.
 */
public final class Slowness {
  /** Where requests wait before they are handled. */
  public static final class Gate {
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** How many requests wait. */
    public int waiting() {
      return waiting.get();
    }

    /**
     * Ends the waiting.
     *
     * @param handled whether those that waited are handled now, or lost
     */
    public void open(boolean handled) {
      opened.complete(handled);
    }

    private boolean pass() throws InterruptedException {
      waiting.incrementAndGet();
      try {
        return opened.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      } finally {
        waiting.decrementAndGet();
      }
    }
  }

  private final Map<String, Duration> delays = new ConcurrentHashMap<>();
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  /** Lets each request of a kind take that much longer. */
  public void delay(String request, Duration by) {
    delays.put(request, by);
  }

  /** Holds each request of a kind until the gate is opened; to be ended by {@link #clear}. */
  public Gate hold(String request) {
    Gate gate = new Gate();
    gates.put(request, gate);
    return gate;
  }

  /** New requests are served at once again. */
  public void clear() {
    delays.clear();
    gates.clear();
  }

  /** Waits as long as is due; false: the request is lost. */
  boolean pass(String request) {
    try {
      Duration delay = delays.get(request);
      if (delay != null) {
        Thread.sleep(delay);
      }
      Gate gate = gates.get(request);
      return gate == null || gate.pass();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
