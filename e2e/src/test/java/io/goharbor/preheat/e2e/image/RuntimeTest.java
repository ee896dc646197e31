package io.goharbor.preheat.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.runtime.Main;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime that jlink makes has all that the operator needs, and the options of the image. */
class RuntimeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void the_operator_preheats_on_the_linked_runtime(@TempDir Path folder) throws Exception {
    Staging runtime =
        Staging.runtimeOnly(ROOT, Path.of(System.getProperty("java.home")), folder.resolve("root"));
    assertThat(Tool.run(List.of(runtime.java().toString(), "--list-modules")).lines())
        .extracting(module -> module.replaceFirst("@.*", ""))
        .as("and what these need")
        .containsAll(ImagePlan.modules(ROOT));
    String flags = Tool.run(List.of(runtime.java().toString(), "-XX:+PrintFlagsFinal", "-version"));
    for (String option : ImagePlan.jvmOptions(ROOT)) {
      String[] flag = option.replaceFirst("-XX:", "").split("[+=-]", 2);
      String name = flag[0].isEmpty() ? flag[1] : flag[0];
      String value = option.contains("=") ? flag[1] : Boolean.toString(option.contains("+"));
      assertThat(flags).as(option).containsPattern(" " + name + " +:?= " + value + "(\\.0+)? ");
    }
    try (World world = new World(ROOT, folder.resolve("world"))) {
      world
          .operator()
          .command(
              List.of(
                  runtime.java().toString(),
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName()));
      world.startOperator();
      world.apply("quickstart-dragonfly.yaml");
      world.apply("quickstart-kraken.yaml");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !world.harbor().webhookPolicies("shop").isEmpty());
      world.harbor().push("shop", "linked", "1", Map.of("layer", 5_000_000L));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              world
                  .client()
                  .resources(PreheatExecution.class)
                  .inAnyNamespace()
                  .list()
                  .getItems()
                  .stream()
                  .anyMatch(execution ->
                      execution.getStatus() != null
                          && execution.getStatus().effectivePhase().terminal()));
      assertThat(world.operator().terminate(Duration.ofSeconds(30))).isTrue();
      assertThat(world.operator().output())
          .doesNotContain("ClassNotFound", "NoClassDefFound", "WARNING:");
    }
  }
}
