package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.chart.AsOperator;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Deletions by a real kubectl on a real API server, of an operator that was installed with the
 * Kustomize base and has the rights of its account.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GoingAwayRealApiServerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String KUSTOMIZE = ROOT.resolve("deploy/kustomize").toString();

  // Set before all tests.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static RealKube kube;

  @SuppressWarnings("NullAway.Init")
  private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static Path admin;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    directory = scratch;
    kube = RealKubes.startOrSkip(scratch.resolve("kube"));
    admin = Files.writeString(scratch.resolve("admin"), kube.kubeconfig());
    kubectl("apply", "--server-side", "-k", KUSTOMIZE + "/prerequisites");
    kubectl("apply", "--server-side", "-k", KUSTOMIZE + "/base");
    world =
        new World(
            ROOT,
            scratch.resolve("world"),
            new AsOperator(kube, "preheat", "harbor-preheat-operator"));
    // There is one replica, and no question of who leads.
    world.operator().with("PREHEAT_LEADER_ELECTION", "false");
    world.startOperator();
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (world != null) {
      world.operator().terminate(Duration.ofSeconds(20));
      world.close();
    }
  }

  @Test
  @Order(1)
  void a_file_in_its_order() throws Exception {
    Departure departure = new Departure(world, "forwards").arrive();
    kubectl("delete", "-f", file(departure, false));
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  @Order(1)
  void a_file_in_the_other_order() throws Exception {
    Departure departure = new Departure(world, "backwards").arrive();
    kubectl("delete", "-f", file(departure, true));
    departure.assertNothingIsLeftInHarbor();
  }

  private static String file(Departure departure, boolean backwards) throws IOException {
    List<HasMetadata> objects = new ArrayList<>(departure.objects());
    if (backwards) {
      Collections.reverse(objects);
    }
    return Files.writeString(
            directory.resolve(departure.namespace() + ".yaml"),
            objects.stream().map(Serialization::asYaml).collect(Collectors.joining("\n---\n")))
        .toString();
  }

  @Test
  @Order(1)
  void a_namespace() throws Exception {
    assumeTrue(
        kube.startNamespaceController(directory.resolve("kube")),
        "skipped: there is no kube-controller-manager beside kube-apiserver");
    Departure departure = new Departure(world, "namespaced").arrive();
    kubectl("delete", "namespace", "namespaced");
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  @Order(1)
  void the_base_that_is_applied_again_leaves_the_lease_to_the_replica_that_leads()
      throws Exception {
    lease()
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"holderIdentity\":\"replica-1\",\"leaseDurationSeconds\":15}}");
    kubectl("apply", "--server-side", "-k", KUSTOMIZE + "/base");
    assertThat(lease().get().getSpec().getHolderIdentity()).isEqualTo("replica-1");
  }

  private static Resource<Lease> lease() {
    return world.client().leases().inNamespace("preheat").withName("harbor-preheat-operator");
  }

  @Test
  @Order(2)
  void all_registries() throws Exception {
    Departure departure = new Departure(world, "all").arrive();
    kubectl("delete", "harborregistries", "--all", "--all-namespaces");
    departure.assertNothingIsLeftInHarbor();
  }

  @Test
  @Order(3)
  void the_operator_alone_takes_nothing_of_anybody_with_it() throws Exception {
    Departure departure = new Departure(world, "staying").arrive();
    kubectl("delete", "-k", KUSTOMIZE + "/base");
    HarborRegistry registry = departure.registry();
    assertThat(lease().get()).isNull();
    assertThat(registry.isMarkedForDeletion()).isFalse();
    assertThat(registry.getFinalizers()).isNotEmpty();
    assertThat(departure.webhooks("shop")).isNotEmpty();
  }

  /** Waits for what kubectl waits for. */
  private static void kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(RealKube.assets().orElseThrow().resolve("kubectl").toString());
    command.add("--kubeconfig=" + admin);
    command.addAll(List.of(arguments));
    Path output = directory.resolve("kubectl.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(Departure.LIMIT.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as(Files.readString(output, StandardCharsets.UTF_8)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output, StandardCharsets.UTF_8)).isZero();
  }
}
