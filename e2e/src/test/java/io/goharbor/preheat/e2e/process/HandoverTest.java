package io.goharbor.preheat.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.OperatorProcess;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leader that is told to stop is followed by another at once. */
class HandoverTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration START = Duration.ofSeconds(60);

  @Test
  void another_leads_within_three_seconds_after_sigterm(@TempDir Path scratch) throws Exception {
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      World.applyCrds(ROOT, client);
      Path kubeconfig = Files.writeString(scratch.resolve("kubeconfig"), kube.kubeconfig());
      try (OperatorProcess first = replica("first", kubeconfig, scratch);
          OperatorProcess second = replica("second", kubeconfig, scratch)) {
        first.start();
        first.awaitReady(START);
        await().atMost(START).until(() -> holder(client).startsWith("first_"));
        second.start();
        second.awaitReady(START);

        first.handle().destroy();

        await()
            .atMost(Duration.ofSeconds(3))
            .pollInterval(Duration.ofMillis(50))
            .until(() -> holder(client).startsWith("second_"));
        assertThat(first.terminate(Duration.ofSeconds(10))).isTrue();
        assertThat(first.output()).contains("The Lease is free", "Stopped");
        assertThat(second.output()).contains("This replica leads");
      }
    }
  }

  private static OperatorProcess replica(String name, Path kubeconfig, Path scratch) {
    return new OperatorProcess(kubeconfig, scratch.resolve(name + ".log")).with("HOSTNAME", name);
  }

  private static String holder(KubernetesClient client) {
    Lease lease = client.leases().inNamespace("default").withName("harbor-preheat-operator").get();
    return lease == null || lease.getSpec() == null
        ? ""
        : String.valueOf(lease.getSpec().getHolderIdentity());
  }
}
