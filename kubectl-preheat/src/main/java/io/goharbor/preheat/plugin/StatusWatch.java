package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code status --watch}. */
final class StatusWatch {
  // Ages go on without a change.
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration AT_MOST_EVERY = Duration.ofMillis(100);

  private final Cluster cluster;
  private final Shell shell;
  private final OutputOption output;
  private final boolean everywhere;
  private final @Nullable String name;
  private final Map<String, String> told = new HashMap<>();

  /**
   * A watch.
   *
   * @param name null: all
   */
  StatusWatch(
      Cluster cluster,
      Shell shell,
      OutputOption output,
      boolean everywhere,
      @Nullable String name) {
    this.cluster = cluster;
    this.shell = shell;
    this.output = output;
    this.everywhere = everywhere;
    this.name = name;
  }

  /** Shows changes until the execution that was named ends, or for ever. */
  int follow(PrintWriter out, PrintWriter err) throws PluginFailure, InterruptedException {
    String where = everywhere ? null : cluster.namespace();
    boolean draws = output.isTable() && shell.terminal().out();
    try (Live live = new Live(cluster)) {
      SharedIndexInformer<HarborRegistry> registries =
          live.follow(HarborRegistry.class, where, null);
      SharedIndexInformer<P2PProvider> providers = live.follow(P2PProvider.class, where, null);
      SharedIndexInformer<PreheatPolicy> policies = live.follow(PreheatPolicy.class, where, null);
      SharedIndexInformer<PreheatExecution> executions =
          live.follow(PreheatExecution.class, where, null);
      LiveScreen screen = draws ? new LiveScreen(out, shell.terminal().rows()) : null;
      try (screen) {
        while (true) {
          Snapshot all =
              new Snapshot(
                  registries.getStore().list(),
                  providers.getStore().list(),
                  policies.getStore().list(),
                  executions.getStore().list());
          Snapshot shown = name == null ? all : all.named(name);
          if (name != null && shown.isEmpty()) {
            throw PluginFailure.nothing(StatusCommand.missing(name, cluster.namespace()));
          }
          if (screen != null) {
            screen.draw(
                StatusCommand.lines(
                    shown, name, everywhere ? "" : cluster.namespace(), shell, true));
          } else {
            tell(shown, out);
          }
          PreheatExecution ended = ended(shown);
          if (ended != null) {
            return Waiting.verdict(ended, err);
          }
          live.await(TICK);
          Thread.sleep(AT_MOST_EVERY);
        }
      }
    }
  }

  /** One line, or one document, for each object that says something new. */
  private void tell(Snapshot shown, PrintWriter out) {
    for (HasMetadata object : shown.all()) {
      String line = line(object);
      String key = object.getKind() + "/" + object.getMetadata().getUid();
      String version = output.isTable() ? line : object.getMetadata().getResourceVersion();
      if (version.equals(told.put(key, version))) {
        continue;
      }
      if (output.isTable()) {
        Terminal.print(out, line);
      } else {
        if (output.format() == OutputFormat.YAML) {
          out.println("---");
        }
        Documents.print(out, output.format(), object);
      }
    }
    out.flush();
  }

  private String line(HasMetadata object) {
    String space = everywhere ? object.getMetadata().getNamespace() + "/" : "";
    return switch (object) {
      case PreheatExecution execution -> "execution " + space + Executions.line(execution);
      case HarborRegistry registry ->
          state(
              "registry ",
              space,
              object,
              conditions(registry.getStatus() == null ? null : registry.getStatus().conditions()));
      case P2PProvider provider ->
          state(
              "provider ",
              space,
              object,
              conditions(provider.getStatus() == null ? null : provider.getStatus().conditions()));
      case PreheatPolicy policy ->
          state(
              "policy ",
              space,
              object,
              conditions(policy.getStatus() == null ? null : policy.getStatus().conditions()));
      default -> object.getKind() + " " + space + object.getMetadata().getName();
    };
  }

  private static String conditions(
      @Nullable List<io.fabric8.kubernetes.api.model.Condition> conditions) {
    String why = DisplayText.whyNotReady(conditions);
    return !why.isEmpty()
        ? why
        : "True".equals(DisplayText.status(conditions, "Ready")) ? "ready" : "not looked at yet";
  }

  private static String state(String kind, String space, HasMetadata object, String state) {
    return kind + space + object.getMetadata().getName() + ": " + state;
  }

  /** The execution that was named, when that is all that was, and it has ended. */
  private @Nullable PreheatExecution ended(Snapshot shown) {
    return name != null
            && shown.all().size() == 1
            && shown.all().getFirst() instanceof PreheatExecution execution
            && Executions.ended(execution)
        ? execution
        : null;
  }
}
