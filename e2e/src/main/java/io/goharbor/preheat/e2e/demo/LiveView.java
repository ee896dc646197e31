package io.goharbor.preheat.e2e.demo;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.e2e.world.World;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The executions as a table with progress bars, read from the Kubernetes API. */
final class LiveView implements AutoCloseable {
  private static final int ROWS = 10;
  private static final int BAR = 20;

  private final World world;
  private final Screen screen;
  private final Thread thread;
  private volatile boolean closed;

  LiveView(World world, Screen screen) {
    this.world = world;
    this.screen = screen;
    this.thread = Thread.ofVirtual().name("live-view").unstarted(this::run);
    if (screen.isTerminal()) {
      thread.start();
    }
  }

  /** Writes the table once, for an output that is no terminal. */
  void show() {
    if (!screen.isTerminal()) {
      screen.say("");
      table().forEach(screen::say);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    while (!closed) {
      try {
        screen.draw(table());
        Thread.sleep(500);
      } catch (KubernetesClientException e) {
        return;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private List<String> table() {
    List<PreheatExecution> executions =
        world.client().resources(PreheatExecution.class).inAnyNamespace().list().getItems();
    List<String> lines = new ArrayList<>();
    lines.add(row("EXECUTION", "PHASE", "PROGRESS", "WARM", "MESSAGE"));
    executions.stream()
        .sorted(
            Comparator.comparing(
                    (PreheatExecution execution) -> execution.getMetadata().getCreationTimestamp())
                .reversed())
        .limit(ROWS)
        .forEach(execution -> lines.add(row(execution)));
    return lines;
  }

  private static String row(PreheatExecution execution) {
    PreheatExecutionStatus status =
        execution.getStatus() == null ? PreheatExecutionStatus.EMPTY : execution.getStatus();
    Summary summary = status.summary();
    int warm = summary == null ? 0 : summary.warmPercent();
    return row(
        execution.getMetadata().getName(),
        String.valueOf(status.effectivePhase()).toLowerCase(Locale.ROOT),
        status.progress() == null ? "" : status.progress(),
        bar(warm) + String.format(Locale.ROOT, " %3d%%", warm),
        status.message() == null ? "" : status.message());
  }

  private static String bar(int percent) {
    int full = percent * BAR / 100;
    return "#".repeat(full) + "-".repeat(BAR - full);
  }

  private static String row(
      String name, String phase, String progress, String warm, String message) {
    String text =
        String.format(
            Locale.ROOT, "  %-28.28s %-11.11s %-8s %-25s %s", name, phase, progress, warm, message);
    return text.length() <= 150 ? text : text.substring(0, 149) + "~";
  }
}
