package io.goharbor.preheat.plugin;

import io.goharbor.preheat.plugin.WhyReport.EventFact;
import io.goharbor.preheat.plugin.WhyReport.PolicyAnswer;
import io.goharbor.preheat.plugin.WhyReport.RunFact;
import io.goharbor.preheat.plugin.WhyReport.SkipFact;
import io.goharbor.preheat.plugin.WhyReport.TaskFact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A report as text. */
final class WhyText {
  /** {@code sha256:} and as many digits as tell digests apart. */
  private static final int DIGEST = 7 + 12;

  private WhyText() {}

  static List<String> lines(WhyReport report, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(report.reference());
    lines.add(report.answer());
    section(lines, policies(report.policies()));
    section(lines, tasks(report.tasks(), now));
    section(lines, skips(report.skipped()));
    section(lines, runs(report.executions(), now));
    section(lines, events(report.events(), now));
    if (!report.unknown().isEmpty()) {
      lines.add("");
      lines.add("NOT KNOWN HERE");
      report.unknown().forEach(sentence -> lines.add("- " + sentence));
    }
    return lines;
  }

  private static void section(List<String> lines, Table table) {
    if (!table.isEmpty()) {
      lines.add("");
      lines.addAll(table.lines());
    }
  }

  private static Table policies(List<PolicyAnswer> answers) {
    Table table = new Table("POLICY", "SELECTS IT", "REASON", "WHY", "STARTS");
    for (PolicyAnswer answer : answers) {
      table.row(
          answer.policy(),
          answer.selects().toString(),
          DisplayText.orEmpty(answer.reason()),
          answer.onlyHarborKnows().isEmpty()
              ? answer.message()
              : "only Harbor knows " + String.join(", ", answer.onlyHarborKnows()),
          answer.starts());
    }
    return table;
  }

  private static Table tasks(List<TaskFact> tasks, Instant now) {
    Table table =
        new Table("TASK OF", "PROVIDER", "PLATFORM", "DIGEST", "STATE", "WARM", "AGE", "MESSAGE");
    for (TaskFact task : tasks) {
      table.row(
          task.execution(),
          task.provider(),
          DisplayText.orEmpty(task.platform()),
          task.digest().substring(0, Math.min(DIGEST, task.digest().length())),
          task.state(),
          task.warmPercent() == null ? "" : task.warmPercent() + "%",
          DisplayText.age(DisplayText.time(task.time()), now),
          message(task));
    }
    return table;
  }

  private static String message(TaskFact task) {
    if ("Warm".equals(task.reason())) {
      return "";
    }
    String message = DisplayText.orEmpty(task.message());
    String reason = DisplayText.orEmpty(task.reason());
    return message.isEmpty() || reason.isEmpty() ? reason + message : reason + ": " + message;
  }

  private static Table skips(List<SkipFact> skips) {
    Table table = new Table("LEFT OUT BY", "REASON", "WHY");
    skips.forEach(skip -> table.row(skip.execution(), skip.reason(), skip.message()));
    return table;
  }

  private static Table runs(List<RunFact> runs, Instant now) {
    Table table = new Table("EXECUTION", "POLICY", "TRIGGER", "PHASE", "AGE", "MESSAGE");
    for (RunFact run : runs) {
      table.row(
          run.execution(),
          DisplayText.orEmpty(run.policy()),
          run.trigger(),
          run.phase(),
          DisplayText.age(DisplayText.time(run.created()), now),
          DisplayText.orEmpty(run.message()));
    }
    return table;
  }

  private static Table events(List<EventFact> events, Instant now) {
    Table table = new Table("EVENT ABOUT", "TYPE", "REASON", "AGE", "MESSAGE");
    for (EventFact event : events) {
      table.row(
          event.about(),
          event.type(),
          event.reason(),
          DisplayText.age(DisplayText.time(event.time()), now),
          event.message());
    }
    return table;
  }
}
