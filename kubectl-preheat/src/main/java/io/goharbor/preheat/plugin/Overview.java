package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderStatus;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicyStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A snapshot as tables.
 *
 * @param home the namespace whose name need not be said
 * @param bars whether progress is drawn
 * @param most finished executions to show, the newest
 */
record Overview(String home, boolean bars, int most) {
  private static final Comparator<PreheatExecution> NEWEST_FIRST =
      Comparator.comparing((PreheatExecution execution) ->
              DisplayText.orEmpty(execution.getMetadata().getCreationTimestamp()))
          .reversed()
          .thenComparing(Executions::name);

  /** The lines; what moves stands first where it is drawn, as the end may not fit. */
  List<String> lines(Snapshot all, Instant now) {
    List<String> setUp = new ArrayList<>();
    section(setUp, registries(all.registries(), now).lines());
    section(setUp, providers(all.providers()).lines());
    section(setUp, policies(all.policies(), now).lines());
    List<String> lines = new ArrayList<>();
    section(lines, bars ? runs(all, now) : setUp);
    section(lines, bars ? setUp : runs(all, now));
    return lines;
  }

  private List<String> runs(Snapshot all, Instant now) {
    // Parts show in the progress of their whole.
    List<PreheatExecution> wholes =
        all.executions().stream().filter(one -> one.getSpec().partOf() == null).toList();
    List<PreheatExecution> shown =
        new ArrayList<>(
            wholes.stream().filter(one -> !Executions.ended(one)).sorted(NEWEST_FIRST).toList());
    List<PreheatExecution> ended =
        wholes.stream().filter(Executions::ended).sorted(NEWEST_FIRST).toList();
    ended.stream().limit(most).forEach(shown::add);
    List<String> lines = new ArrayList<>(executions(shown, now).lines());
    if (ended.size() > most) {
      lines.add(
          "and "
              + (ended.size() - most)
              + " more that ended; kubectl get phx"
              + (home.isEmpty() ? " -A" : " -n " + home)
              + " lists them");
    }
    return lines;
  }

  private static void section(List<String> lines, List<String> section) {
    if (!section.isEmpty()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.addAll(section);
    }
  }

  private Table registries(List<HarborRegistry> all, Instant now) {
    Table table =
        new Table("REGISTRY", "URL", "READY", "VERSION", "LAST EVENT", "LAST SWEEP", "MESSAGE");
    for (HarborRegistry registry : all) {
      HarborRegistryStatus status = registry.getStatus();
      boolean told = status != null;
      table.row(
          DisplayText.name(
              registry.getMetadata().getNamespace(), registry.getMetadata().getName(), home),
          registry.getSpec().url(),
          told ? DisplayText.status(status.conditions(), "Ready") : "",
          told ? DisplayText.orEmpty(status.version()) : "",
          told && status.webhook() != null
              ? DisplayText.age(status.webhook().lastEventTime(), now)
              : "",
          told && status.catchUp() != null ? DisplayText.age(status.catchUp().lastTime(), now) : "",
          told ? DisplayText.whyNotReady(status.conditions()) : "");
    }
    return table;
  }

  private Table providers(List<P2PProvider> all) {
    Table table = new Table("PROVIDER", "TYPE", "READY", "VERSION", "RUNNING", "QUEUED", "MESSAGE");
    for (P2PProvider provider : all) {
      P2PProviderStatus status = provider.getStatus();
      boolean told = status != null;
      P2PProviderStatus.Tasks work = told ? status.tasks() : null;
      table.row(
          DisplayText.name(
              provider.getMetadata().getNamespace(), provider.getMetadata().getName(), home),
          provider.getSpec().type().toString(),
          told ? DisplayText.status(status.conditions(), "Ready") : "",
          told ? DisplayText.orEmpty(status.version()) : "",
          work != null ? Integer.toString(work.running()) : "",
          work != null ? Integer.toString(work.queued()) : "",
          told ? DisplayText.whyNotReady(status.conditions()) : "");
    }
    return table;
  }

  private Table policies(List<PreheatPolicy> all, Instant now) {
    Table table =
        new Table("POLICY", "READY", "SUSPENDED", "LAST RUN", "PREHEATED", "NEXT", "MESSAGE");
    for (PreheatPolicy policy : all) {
      PreheatPolicyStatus status = policy.getStatus();
      boolean told = status != null;
      table.row(
          DisplayText.name(
              policy.getMetadata().getNamespace(), policy.getMetadata().getName(), home),
          told ? DisplayText.status(status.conditions(), "Ready") : "",
          policy.getSpec().suspended() ? "yes" : "",
          told ? DisplayText.orEmpty(status.lastExecution()) : "",
          told ? DisplayText.orEmpty(status.preheatedArtifacts()) : "",
          told && status.nextScheduleTime() != null
              ? "in " + DisplayText.age(now, status.nextScheduleTime())
              : "",
          told ? DisplayText.whyNotReady(status.conditions()) : "");
    }
    return table;
  }

  private Table executions(List<PreheatExecution> all, Instant now) {
    Table table =
        new Table("EXECUTION", "POLICY", "PHASE", "TASKS", "WARM", "REMAINING", "AGE", "MESSAGE");
    for (PreheatExecution execution : all) {
      PreheatExecutionStatus status = Executions.status(execution);
      String warm = DisplayText.orEmpty(status.warm());
      table.row(
          DisplayText.name(
              execution.getMetadata().getNamespace(), Executions.name(execution), home),
          Executions.policy(execution),
          Executions.phase(execution).toString(),
          DisplayText.orEmpty(status.progress()),
          bars && !warm.isEmpty() ? Bar.of(Executions.warmPercent(execution)) + " " + warm : warm,
          DisplayText.orEmpty(status.remaining()),
          DisplayText.age(DisplayText.time(execution.getMetadata().getCreationTimestamp()), now),
          Executions.note(execution));
    }
    return table;
  }
}
