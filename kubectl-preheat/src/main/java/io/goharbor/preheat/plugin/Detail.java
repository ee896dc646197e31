package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatExecutionStatus.ProviderProgress;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatExecutionStatus.Summary;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One execution in full, as text. */
final class Detail {
  /** What needs attention first, then what moves, then what is done. */
  private static final List<TaskState> ORDER =
      List.of(
          TaskState.FAILED,
          TaskState.RUNNING,
          TaskState.SUBMITTING,
          TaskState.WAITING,
          TaskState.CANCELLED,
          TaskState.UNVERIFIED,
          TaskState.PLANNED,
          TaskState.SUCCEEDED);

  private Detail() {}

  /** The lines. */
  static List<String> lines(PreheatExecution execution, Instant now, boolean bars) {
    PreheatExecutionStatus status = Executions.status(execution);
    List<String> lines = new ArrayList<>();
    String policy = Executions.policy(execution);
    lines.add(
        "Execution "
            + Executions.name(execution)
            + (policy.isEmpty() ? "" : " of policy " + policy)
            + ", trigger "
            + execution.getSpec().effectiveTrigger()
            + ", created "
            + DisplayText.age(DisplayText.time(execution.getMetadata().getCreationTimestamp()), now)
            + " ago");
    lines.add(headline(execution, bars));
    String note = Executions.note(execution);
    if (!note.isEmpty()) {
      lines.add(note);
    } else if (status.message() != null) {
      lines.add(status.message());
    }
    providers(lines, status, bars);
    tasks(lines, status, now);
    skipped(lines, status);
    return lines;
  }

  private static String headline(PreheatExecution execution, boolean bars) {
    PreheatExecutionStatus status = Executions.status(execution);
    List<String> parts = new ArrayList<>();
    if (status.warm() != null) {
      String bar = bars ? Bar.of(Executions.warmPercent(execution)) + " " : "";
      parts.add(bar + status.warm() + " warm");
    }
    if (status.progress() != null) {
      parts.add(status.progress() + " tasks");
    }
    Summary counts = status.summary();
    if (counts != null) {
      parts.add(DisplayText.bytes(counts.bytes()));
      counted(parts, counts.failed(), "failed");
      counted(parts, counts.cancelled(), "cancelled");
      counted(parts, counts.running(), "running");
      counted(parts, counts.waiting(), "waiting");
      counted(parts, counts.unverified(), "unverified");
      counted(parts, counts.skipped(), "left out");
      counted(parts, counts.missing(), "missing");
    }
    if (status.parts() != null) {
      parts.add(status.parts().finished() + "/" + status.parts().total() + " parts");
    }
    if (status.remaining() != null) {
      parts.add(status.remaining() + " left");
    }
    return Executions.phase(execution) + (parts.isEmpty() ? "" : ": " + String.join(", ", parts));
  }

  private static void counted(List<String> parts, int count, String what) {
    if (count > 0) {
      parts.add(count + " " + what);
    }
  }

  private static void providers(List<String> lines, PreheatExecutionStatus status, boolean bars) {
    if (status.providers() == null || status.providers().size() < 2) {
      return;
    }
    Table table = new Table("PROVIDER", "WARM", "SUCCEEDED", "FAILED", "RUNNING", "WAITING");
    for (ProviderProgress progress : status.providers()) {
      table.row(
          progress.name(),
          (bars ? Bar.of(progress.warmPercent()) + " " : "") + progress.warmPercent() + "%",
          Integer.toString(progress.succeeded()),
          Integer.toString(progress.failed()),
          Integer.toString(progress.running()),
          Integer.toString(progress.waiting()));
    }
    lines.add("");
    lines.addAll(table.lines());
  }

  private static void tasks(List<String> lines, PreheatExecutionStatus status, Instant now) {
    Table table =
        new Table(
            "ARTIFACT", "PLATFORM", "PROVIDER", "STATE", "WARM", "SIZE", "SENT", "AGE", "MESSAGE");
    status.taskList().stream()
        .sorted(Comparator.comparingInt(task -> ORDER.indexOf(task.state())))
        .forEach(task -> table.row(cells(task, now)));
    if (!table.isEmpty()) {
      lines.add("");
      lines.addAll(table.lines());
    }
  }

  private static String[] cells(TaskStatus task, Instant now) {
    Instant since = task.completionTime() == null ? task.startTime() : task.completionTime();
    return new String[] {
      task.artifact() + (task.accessory() == null ? "" : " (" + task.accessory() + ")"),
      DisplayText.orEmpty(task.platform()),
      task.provider(),
      task.state().toString(),
      task.warmPercent() == null ? "" : task.warmPercent() + "%",
      task.bytes() == null ? "" : DisplayText.bytes(task.bytes()),
      task.attempts() < 2 ? "" : task.attempts() + " times",
      DisplayText.age(since, now),
      message(task)
    };
  }

  /** Nothing where the state says all. */
  static String message(TaskStatus task) {
    if (task.state() == TaskState.SUCCEEDED && task.reason() != null) {
      return "Warm".equals(task.reason().toString()) ? "" : task.reason().toString();
    }
    if (task.state() == TaskState.PLANNED) {
      return "";
    }
    String reason = DisplayText.orEmpty(task.reason());
    String message = DisplayText.orEmpty(task.message());
    return reason.isEmpty() || message.isEmpty() ? reason + message : reason + ": " + message;
  }

  private static void skipped(List<String> lines, PreheatExecutionStatus status) {
    if (status.skipped() == null || status.skipped().isEmpty()) {
      return;
    }
    Table table = new Table("LEFT OUT", "REASON", "MESSAGE");
    for (SkippedReason skip : status.skipped()) {
      List<SkippedReason.Sample> samples = skip.samples() == null ? List.of() : skip.samples();
      samples.forEach(sample -> table.row(sample.artifact(), skip.reason(), sample.message()));
      if (skip.count() > samples.size()) {
        table.row((skip.count() - samples.size()) + " more", skip.reason(), "");
      }
    }
    lines.add("");
    lines.addAll(table.lines());
  }
}
