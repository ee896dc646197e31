package io.goharbor.preheat.plugin;

import io.goharbor.preheat.plugin.WhyReport.PolicyAnswer;
import io.goharbor.preheat.plugin.WhyReport.Selects;
import io.goharbor.preheat.plugin.WhyReport.SkipFact;
import io.goharbor.preheat.plugin.WhyReport.TaskFact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The shortest true sentence on an artifact. */
final class ShortAnswer {
  private ShortAnswer() {}

  static String of(
      Evidence evidence, List<PolicyAnswer> policies, List<SkipFact> asked, Instant now) {
    // Of each manifest at each provider only the newest task counts: evidence has it first.
    Map<String, Map<String, TaskFact>> newest = new LinkedHashMap<>();
    for (TaskFact task : evidence.tasks()) {
      if (!task.state().equals("Planned")) {
        newest
            .computeIfAbsent(task.provider(), key -> new LinkedHashMap<>())
            .putIfAbsent(task.digest() + " " + task.platform(), task);
      }
    }
    List<String> sentences = new ArrayList<>();
    newest.forEach((provider, tasks) -> sentences.add(about(provider, tasks, now)));
    if (!sentences.isEmpty()) {
      return String.join(" ", sentences);
    }
    if (!evidence.partsThatHadIt().isEmpty()) {
      return "It was in "
          + evidence.partsThatHadIt().getFirst()
          + ", a part of a large run, and did not fail there.";
    }
    if (!asked.isEmpty()) {
      return left(asked.getFirst());
    }
    if (!evidence.skips().isEmpty()) {
      return left(evidence.skips().getFirst());
    }
    return withoutRuns(evidence, policies);
  }

  private static String left(SkipFact skip) {
    return "It was left out: " + skip.reason() + ", " + skip.message() + ".";
  }

  private static String withoutRuns(Evidence evidence, List<PolicyAnswer> policies) {
    if (!evidence.runs().isEmpty()) {
      var run = evidence.runs().getFirst();
      return "Execution "
          + run.execution()
          + " names it and is "
          + run.phase()
          + (run.message() == null ? "." : ": " + run.message() + ".");
    }
    List<PolicyAnswer> selecting =
        policies.stream().filter(one -> one.selects() != Selects.NO).toList();
    if (selecting.isEmpty()) {
      return policies.isEmpty()
          ? "There is no policy, and no run has had it."
          : "No policy selects it, and no run has had it.";
    }
    PolicyAnswer first =
        selecting.stream()
            .filter(one -> one.selects() == Selects.YES)
            .findFirst()
            .orElse(selecting.getFirst());
    return "No run has had it. Policy "
        + first.policy()
        + (first.selects() == Selects.YES ? " selects it" : " perhaps selects it")
        + " and starts "
        + (first.starts().startsWith("suspended") ? "nothing, as it is suspended" : first.starts())
        + ".";
  }

  private static String about(String provider, Map<String, TaskFact> tasks, Instant now) {
    TaskFact telling =
        tasks.values().stream()
            .min((one, other) -> Integer.compare(rank(one.state()), rank(other.state())))
            .orElseThrow();
    String place =
        telling.platform() == null || tasks.size() == 1 || allAlike(tasks)
            ? provider
            : provider + " (" + telling.platform() + ")";
    String ago = DisplayText.age(DisplayText.time(telling.time()), now);
    String since = ago.isEmpty() ? "" : " since " + ago;
    String share =
        telling.warmPercent() == null || telling.warmPercent() == 100
            ? ""
            : " (" + telling.warmPercent() + "%)";
    return switch (telling.state()) {
      case "Failed" -> "Failed on " + place + ": " + reason(telling) + ".";
      case "Cancelled" -> "Cancelled on " + place + ": the run was called off.";
      case "Running", "Submitting" -> "Being preheated on " + place + share + since + ".";
      case "Waiting" -> "Waits for " + place + ": " + reason(telling) + ".";
      case "Unverified" ->
          "Sent to "
              + place
              + (ago.isEmpty() ? "" : " " + ago + " ago")
              + ", which cannot be asked whether its peers hold it.";
      default ->
          telling.operation().equals("Evict")
              ? "Taken out of the caches of " + place + since + "."
              : "Warm on " + place + share + since + ".";
    };
  }

  private static boolean allAlike(Map<String, TaskFact> tasks) {
    return tasks.values().stream().map(TaskFact::state).distinct().count() == 1;
  }

  /** What a person must know comes before what is well. */
  private static int rank(String state) {
    return switch (state) {
      case "Failed" -> 0;
      case "Running", "Submitting" -> 1;
      case "Waiting" -> 2;
      case "Cancelled" -> 3;
      case "Unverified" -> 4;
      default -> 5;
    };
  }

  private static String reason(TaskFact task) {
    String reason = DisplayText.orEmpty(task.reason());
    String message = DisplayText.orEmpty(task.message());
    return message.isEmpty()
        ? reason.isEmpty() ? "no reason is given" : reason
        : reason + ", " + message.replaceFirst("\\.$", "");
  }
}
