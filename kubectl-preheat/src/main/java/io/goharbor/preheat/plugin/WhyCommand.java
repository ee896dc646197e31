package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.Event;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.plugin.WhyReport.PolicyAnswer;
import io.goharbor.preheat.plugin.WhyReport.Selects;
import io.goharbor.preheat.plugin.WhyReport.SkipFact;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code why}. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tells why an artifact is warm or not: which policies select it, what runs did with it, and"
          + " what they said. It reads the cluster only; what only Harbor knows it names, or has"
          + " the operator find out with --ask."
    })
final class WhyCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "REF",
      description =
          "The artifact, such as harbor.example.com/shop/web:1.4.2, shop/web:1.4.2 or"
              + " shop/web@sha256:...")
  private String reference = "";

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      description = "Only this policy. Absent: all of the namespace.")
  private @Nullable String only;

  @Option(
      names = "--ask",
      description =
          "Have the operator ask Harbor, with a dry run for each policy that may select it; the dry"
              + " runs are deleted afterwards.")
  private boolean ask;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long to wait for each dry run of --ask. Default: 30s.")
  private String timeout = "30s";

  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ClusterOptions options;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  WhyCommand(Shell shell) {
    this.shell = shell;
    this.options = new ClusterOptions(shell.environment());
  }

  @Override
  public Integer call() throws PluginFailure, InterruptedException {
    Wanted wanted = Wanted.parse(reference);
    Duration patience;
    try {
      patience = DurationText.parse(timeout);
    } catch (IllegalArgumentException e) {
      throw PluginFailure.usage("--timeout: " + e.getMessage());
    }
    try (Cluster cluster = options.open()) {
      WhyReport report = report(cluster, wanted, patience);
      PrintWriter out = spec.commandLine().getOut();
      if (output.isTable()) {
        WhyText.lines(report, shell.clock().instant()).forEach(line -> Terminal.print(out, line));
        out.flush();
      } else {
        Documents.print(out, output.format(), report);
      }
      return ExitCode.OK;
    }
  }

  private WhyReport report(Cluster cluster, Wanted wanted, Duration patience)
      throws PluginFailure, InterruptedException {
    Instant now = shell.clock().instant();
    List<HarborRegistry> registries = cluster.list(HarborRegistry.class, cluster.namespace());
    List<PreheatPolicy> policies =
        only == null
            ? cluster.list(PreheatPolicy.class, cluster.namespace())
            : List.of(Found.object(cluster, PreheatPolicy.class, "policy", only));
    Evidence evidence =
        new Evidence(
            wanted,
            registries.stream()
                .filter(one -> wanted.host() == null || Hosts.of(one).equals(wanted.host()))
                .map(one -> one.getMetadata().getName())
                .collect(Collectors.toSet()),
            cluster.list(PreheatExecution.class, cluster.namespace()));
    PolicyQuestion question = new PolicyQuestion(wanted, registries, now);
    List<PolicyAnswer> answers = new ArrayList<>();
    List<SkipFact> asked = new ArrayList<>();
    DryRuns dryRuns = new DryRuns(cluster, new Waiting(shell), patience);
    for (PreheatPolicy policy : policies) {
      PolicyAnswer answer = question.ask(policy);
      if (ask && answer.selects() != Selects.NO) {
        answer = answered(answer, dryRuns.ask(answer.policy(), wanted), asked);
      }
      answers.add(answer);
    }
    List<String> unknown = new ArrayList<>();
    unknown(wanted, registries, evidence, answers, unknown);
    return new WhyReport(
        wanted.text(),
        ShortAnswer.of(evidence, answers, asked, now),
        answers,
        evidence.tasks(),
        evidence.skips(),
        evidence.runs(),
        evidence.events(events(cluster, unknown), selecting(answers)),
        unknown);
  }

  /** What the operator found out, in place of what the names alone tell. */
  private static PolicyAnswer answered(
      PolicyAnswer before, PreheatExecution dryRun, List<SkipFact> asked) {
    var status = Executions.status(dryRun);
    String starts = before.starts();
    if (!status.taskList().isEmpty()) {
      String places =
          status.taskList().stream()
              .map(task ->
                  task.provider() + (task.platform() == null ? "" : " (" + task.platform() + ")"))
              .distinct()
              .collect(Collectors.joining(", "));
      return new PolicyAnswer(
          before.policy(), Selects.YES, null, "would be sent to " + places, List.of(), starts);
    }
    if (status.skipped() != null) {
      for (SkippedReason skip : status.skipped()) {
        if (skip.samples() != null && !skip.samples().isEmpty()) {
          SkippedReason.Sample sample = skip.samples().getFirst();
          asked.add(new SkipFact("(dry run)", sample.artifact(), skip.reason(), sample.message()));
          return new PolicyAnswer(
              before.policy(), Selects.NO, skip.reason(), sample.message(), List.of(), starts);
        }
      }
    }
    return new PolicyAnswer(
        before.policy(),
        Selects.NO,
        null,
        "the dry run planned nothing: " + Executions.note(dryRun),
        List.of(),
        starts);
  }

  private static List<Event> events(Cluster cluster, List<String> unknown) throws PluginFailure {
    try {
      return cluster.events();
    } catch (PluginFailure e) {
      if (e.exitCode() != ExitCode.FORBIDDEN) {
        throw e;
      }
      unknown.add("Events, which you may not list in this namespace.");
      return List.of();
    }
  }

  private static Set<String> selecting(List<PolicyAnswer> answers) {
    return answers.stream()
        .filter(answer -> answer.selects() != Selects.NO)
        .map(PolicyAnswer::policy)
        .collect(Collectors.toSet());
  }

  private void unknown(
      Wanted wanted,
      List<HarborRegistry> registries,
      Evidence evidence,
      List<PolicyAnswer> answers,
      List<String> unknown) {
    if (wanted.host() != null
        && registries.stream().noneMatch(one -> Hosts.of(one).equals(wanted.host()))) {
      unknown.add(
          "No HarborRegistry of the namespace is for "
              + wanted.host()
              + Found.among(registries.stream().map(Hosts::of).sorted().toList())
              + ".");
    }
    if (wanted.digest() == null && !evidence.tasks().isEmpty()) {
      unknown.add(
          "Whether the tag "
              + wanted.tag()
              + " still points to the digests above, and whether the"
              + " image had other tags under which its tasks stand: only Harbor knows.");
    }
    if (!ask && answers.stream().anyMatch(answer -> !answer.onlyHarborKnows().isEmpty())) {
      unknown.add(
          "Whether a policy that says perhaps selects it: kubectl preheat why "
              + wanted.text()
              + " --ask finds out.");
    }
    if (evidence.untold() > 0 && evidence.tasks().isEmpty() && evidence.skips().isEmpty()) {
      unknown.add(
          "Whether it is among the "
              + evidence.untold()
              + " artifacts that runs left out and did"
              + " not name: a run names five for each reason.");
    }
  }
}
