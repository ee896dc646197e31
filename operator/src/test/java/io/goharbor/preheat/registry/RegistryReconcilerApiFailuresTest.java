package io.goharbor.preheat.registry;

import static io.goharbor.preheat.runtime.FaultyApi.readOf;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static io.goharbor.preheat.runtime.OperatorWorld.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Registries while the API server fails: their finalizers, their Secrets and their end. */
class RegistryReconcilerApiFailuresTest {
  private static OperatorWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @Test
  void a_registry_gets_its_finalizer_and_its_status_though_writes_fail_at_first() {
    world.api().meet(1, writeOf("new"), Fault.answer(409, "it has been modified"));
    world.api().meet(3, writeOf("new"), Fault.answer(500, "no disk, says the test"));
    world.registry("new");
    world.awaitReason(HarborRegistry.class, "new", "Ready");
    assertThat(world.named(HarborRegistry.class, "new").get().getFinalizers()).hasSize(1);
    assertThat(world.api().calls(writeOf("new"))).extracting(Call::code).contains(409, 500);
  }

  @Test
  void a_registry_goes_though_its_finalizer_is_hard_to_remove() {
    world.registry("old");
    world.awaitReason(HarborRegistry.class, "old", "Ready");
    int before = world.api().calls(writeOf("old")).size();
    world.api().meet(1, writeOf("old"), Fault.answer(409, "it has been modified"));
    world.api().meet(3, writeOf("old"), Fault.answer(500, "no disk, says the test"));
    world.named(HarborRegistry.class, "old").delete();
    awaiting("the registry to be gone")
        .until(() -> world.named(HarborRegistry.class, "old").get() == null);
    assertThat(world.api().calls(writeOf("old")).stream().skip(before))
        .extracting(Call::code)
        .contains(409, 500);
  }

  @Test
  void a_secret_that_cannot_be_read_shows_in_the_condition_until_it_can() {
    world
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("robot")
                .withNamespace(OperatorWorld.NAMESPACE)
                .endMetadata()
                .withType("kubernetes.io/basic-auth")
                // As the server gives it: "robot" and "secret".
                .addToData("username", "cm9ib3Q=")
                .addToData("password", "c2VjcmV0")
                .build())
        .create();
    Runnable serverIsWell =
        world
            .api()
            .meetAll(readOf("secrets", "robot"), Fault.answer(500, "no disk, says the test"));
    world.create(
        HarborRegistry.class,
        "secret",
        "url: " + world.outside().url() + "\ncredentialsSecretRef: {name: robot}");
    world.awaitReason(HarborRegistry.class, "secret", "InternalError");
    assertThat(String.valueOf(world.ready(HarborRegistry.class, "secret")))
        .contains("The API server answered 500: no disk, says the test");
    serverIsWell.run();
    world.awaitReason(HarborRegistry.class, "secret", "Ready");
  }

  /** Writes of the object itself, which are those of its finalizer. */
  private static Predicate<Call> writeOf(String name) {
    return call ->
        (call.method().equals("PATCH") || call.method().equals("PUT"))
            && call.path().equals(path(HarborRegistry.class, name));
  }
}
