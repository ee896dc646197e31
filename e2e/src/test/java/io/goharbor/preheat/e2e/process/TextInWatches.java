package io.goharbor.preheat.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.world.World;
import java.time.Duration;
import java.util.Map;

/** Text beyond ASCII in what the operator watches. */
final class TextInWatches {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** Characters of one to four bytes, and enough of them for several chunks. */
  private static final String NOTE = "caf\u00e9 \u2026 \ud83d\udd11 ".repeat(4000);

  private TextInWatches() {}

  /** The operator lives on, and sees what comes after. */
  static void check(World world) throws InterruptedException {
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    await().atMost(SOON).until(() -> seen(world));
    long process = world.operator().handle().pid();

    edit(world, NOTE, 7);

    await().atMost(SOON).until(() -> seen(world));
    edit(world, "caf\u00e9", 8);
    await().atMost(SOON).until(() -> seen(world));
    assertThat(world.operator().handle().isAlive()).isTrue();
    assertThat(world.operator().handle().pid()).isEqualTo(process);
    assertThat(world.operator().probe("/livez").code()).isEqualTo(200);
  }

  private static void edit(World world, String note, int perSecond) {
    world
        .registry()
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            Serialization.asJson(
                Map.of(
                    "metadata", Map.of("annotations", Map.of("note", note)),
                    "spec", Map.of("requestsPerSecond", perSecond))));
  }

  private static boolean seen(World world) {
    HarborRegistry registry = world.registry().get();
    return registry.getStatus() != null
        && registry.getMetadata().getGeneration().equals(registry.getStatus().observedGeneration());
  }
}
