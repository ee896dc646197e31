package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Looks for the secrets of a run in everything that the run produced. */
final class NoSecrets {
  private NoSecrets() {}

  static void check(World world) throws IOException {
    String everything =
        world.operator().output()
            + metrics(world)
            + objects(world, HarborRegistry.class)
            + objects(world, P2PProvider.class)
            + objects(world, PreheatPolicy.class)
            + objects(world, PreheatExecution.class)
            + Serialization.asYaml(world.client().v1().events().inAnyNamespace().list().getItems());
    // The search itself must be able to find something.
    assertThat(everything).contains("preheat_executions_ended", "shop/web:1.4.2", "Succeeded");
    for (String secret :
        List.of(
            World.ROBOT_SECRET,
            World.DRAGONFLY_TOKEN,
            World.WEBHOOK_SECRET.substring("Bearer ".length()))) {
      assertThat(everything)
          .doesNotContain(secret)
          .doesNotContain(
              Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
    }
    // Pull tokens that the simulated Harbor mints.
    assertThat(everything).doesNotContain("sim.");
  }

  private static String metrics(World world) throws IOException {
    try (var in = URI.create(world.operator().managementUrl() + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static <T extends HasMetadata> String objects(World world, Class<T> kind) {
    return Stream.of(world.client().resources(kind).inAnyNamespace().list().getItems())
        .map(Serialization::asYaml)
        .reduce("", String::concat);
  }
}
