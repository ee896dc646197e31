package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Looks for the secrets of a run in everything that the run produced. */
final class NoSecrets {
  private static final ObjectMapper JSON = new ObjectMapper();

  private NoSecrets() {}

  static void check(World world) throws IOException {
    String everything = everything(world);
    // The search itself must be able to find something.
    assertThat(everything).contains("preheat_executions_ended", "shop/web:1.4.2", "Succeeded");
    for (String secret :
        List.of(
            World.ROBOT_SECRET,
            World.DRAGONFLY_TOKEN,
            World.WEBHOOK_SECRET.substring("Bearer ".length()))) {
      check(everything, secret);
    }
    // Pull tokens that the simulated Harbor mints.
    assertThat(everything).doesNotContain("sim.");
  }

  /** All that people and machines can read of a run. */
  static String everything(World world) throws IOException {
    return world.operator().output()
        + metrics(world)
        + objects(world, HarborRegistry.class)
        + objects(world, P2PProvider.class)
        + objects(world, PreheatPolicy.class)
        + objects(world, PreheatExecution.class)
        + Serialization.asYaml(world.client().v1().events().inAnyNamespace().list().getItems());
  }

  /** The value stands nowhere, as it is or in another form. */
  static void check(String everything, String secret) throws IOException {
    String json = JSON.writeValueAsString(secret);
    String url = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    assertThat(everything)
        .doesNotContain(
            secret,
            secret.replace('\n', ' '),
            json.substring(1, json.length() - 1),
            url,
            url.replace("+", "%20"));
    for (int before = 0; before < 3; before++) {
      byte[] shifted = new byte[before + bytes.length];
      System.arraycopy(bytes, 0, shifted, before, bytes.length);
      String base64 = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      // Of the first and the last characters some bits are others'.
      String own = base64.substring(before == 0 ? 0 : 4, base64.length() - 3);
      assertThat(everything).doesNotContain(own, own.replace('+', '-').replace('/', '_'));
    }
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
