package io.goharbor.preheat.e2e.demo;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.world.Scenario;
import io.goharbor.preheat.e2e.world.World;
import java.io.Console;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Runs the operator beside an embedded Kubernetes API and simulated Harbor, Dragonfly and"
            + " Kraken; pushes images, takes a provider away and brings it back.")
public final class Demo implements Callable<Integer> {
  @Option(
      names = "--once",
      description =
          "Play the scenario once and end: 0 when every expected outcome was observed, else 1.")
  private boolean once;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "Use this cluster in place of the embedded API. The CRDs are applied, and objects are"
              + " created in its namespace default.")
  private @Nullable Path kubeconfig;

  @Option(names = "--root", hidden = true, description = "The repository.")
  private Path root = Path.of("").toAbsolutePath();

  /** Runs the demo. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Demo()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    boolean terminal = isTerminal() && !once;
    Screen screen = new Screen(System.out, terminal);
    Kube kube = kubeconfig == null ? EmbeddedKube.start() : new GivenKube(kubeconfig);
    try (World world = new World(root, root.resolve("e2e/target/demo"), kube)) {
      screen.say("Kubernetes: " + world.kube().describe());
      screen.say("  kubectl --kubeconfig " + world.kubeconfig() + " get preheat -A");
      screen.say("Simulated Harbor at " + world.harbor().url());
      screen.say("Simulated Dragonfly Manager at " + world.dragonfly().url());
      screen.say("Simulated Kraken origins at " + world.kraken().originUrl());
      screen.say(
          "The operator starts in its own process; its log is in e2e/target/demo/operator.log");
      world.startOperator();
      screen.say("The operator is ready; webhooks at " + world.operator().webhookUrl());
      try (LiveView view = new LiveView(world, screen)) {
        List<Scenario.Outcome> outcomes =
            new Scenario(world, screen, Scenario.Disturbance.none()).play();
        view.show();
        boolean all = outcomes.stream().allMatch(Scenario.Outcome::observed);
        screen.summary(outcomes);
        if (once) {
          boolean gone = world.operator().terminate(Duration.ofSeconds(15));
          screen.say(gone ? "The operator stopped on SIGTERM." : "The operator did not stop.");
          return all && gone ? 0 : 1;
        }
        screen.say(
            "Everything keeps running; an image is pushed every few seconds. Ctrl-C ends it.");
        new Traffic(world).run();
        return all ? 0 : 1;
      }
    }
  }

  @SuppressWarnings("SystemConsoleNull") // without a terminal it may still be null
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
