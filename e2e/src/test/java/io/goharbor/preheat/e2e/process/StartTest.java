package io.goharbor.preheat.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.OperatorProcess;
import io.goharbor.preheat.e2e.world.World;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not there yet is waited for and told; what cannot heal ends the process. */
class StartTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration TOLD = Duration.ofSeconds(20);
  private static final Duration HEALED = Duration.ofSeconds(30);

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final KubernetesClient client = kube.client();
  private OperatorProcess operator;

  @BeforeEach
  void prepare(@TempDir Path scratch) throws Exception {
    Path kubeconfig = Files.writeString(scratch.resolve("kubeconfig"), kube.kubeconfig());
    operator = new OperatorProcess(kubeconfig, scratch.resolve("operator.log"));
  }

  @AfterEach
  void stop() {
    operator.close();
    client.close();
    kube.close();
  }

  @Test
  void crds_that_come_later() throws Exception {
    operator.start();
    awaitTold(
        "the CustomResourceDefinition harborregistries.preheat.goharbor.io is not there; apply the"
            + " chart's CRDs");
    World.applyCrds(ROOT, client);
    operator.awaitReady(HEALED);
    toldOnce("is not there");
  }

  @Test
  void an_api_server_that_refuses_connections() throws Exception {
    World.applyCrds(ROOT, client);
    kube.kill();
    operator.start();
    awaitTold("the Kubernetes API at " + kube.url() + "/ does not answer: ");
    // Longer than the library's own tries take.
    Thread.sleep(25_000);
    assertThat(operator.probe("/livez").code()).isEqualTo(200);
    kube.revive();
    operator.awaitReady(HEALED);
    toldOnce("does not answer");
  }

  @Test
  void an_api_server_that_answers_errors() throws Exception {
    World.applyCrds(ROOT, client);
    kube.available(false);
    operator.start();
    awaitTold(
        "the Kubernetes API at "
            + kube.url()
            + "/ answered 503 when asked for harborregistries.preheat.goharbor.io");
    kube.available(true);
    operator.awaitReady(HEALED);
    toldOnce("answered 503");
  }

  @Test
  void rights_that_come_later() throws Exception {
    World.applyCrds(ROOT, client);
    kube.forbid(_ -> true);
    operator.start();
    awaitTold(
        "this account may not list harborregistries.preheat.goharbor.io in all namespaces; bind"
            + " the operator's ClusterRole");
    kube.forbid(asked -> asked.resource().equals("leases"));
    awaitTold("this replica may not use the Lease default/harbor-preheat-operator");
    kube.forbid(_ -> false);
    operator.awaitReady(HEALED);
    await().atMost(HEALED).until(() -> operator.output().contains("This replica leads"));
    toldOnce("may not list");
    toldOnce("may not use the Lease");
  }

  @Test
  void one_of_several_namespaces_without_a_role() throws Exception {
    World.applyCrds(ROOT, client);
    operator.with("PREHEAT_NAMESPACES", "default,later");
    kube.forbid(asked -> asked.namespace().equals("later"));
    operator.start();
    awaitTold("this account may not list harborregistries.preheat.goharbor.io in namespace later");
    kube.forbid(_ -> false);
    operator.awaitReady(HEALED);
  }

  @Test
  void an_informer_that_ends_is_no_quiet_stop() throws Exception {
    World.applyCrds(ROOT, client);
    operator.start();
    operator.awaitReady(HEALED);
    // As no API server with the schema would store it: the library ends an informer that cannot
    // read an object.
    ObjectNode unreadable = JsonNodeFactory.instance.objectNode();
    unreadable.put("apiVersion", "preheat.goharbor.io/v1alpha1").put("kind", "PreheatPolicy");
    unreadable.putObject("metadata").put("name", "unreadable").put("namespace", "default");
    unreadable.put("spec", "a text");
    kube.load("/apis/preheat.goharbor.io/v1alpha1", "preheatpolicies", unreadable);
    operator.handle().onExit().get(TOLD.toSeconds(), TimeUnit.SECONDS);
    assertThat(operator.exitCode()).isEqualTo(1);
    assertThat(operator.output()).contains("Fatal error in informer: ", "preheatpolicies");
  }

  @Test
  void a_port_in_use_ends_the_process_with_one_sentence() throws Exception {
    int port = URI.create(operator.webhookUrl()).getPort();
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.ofLiteral("0.0.0.0"))) {
      assertThat(taken.isBound()).isTrue();
      operator.start();
      assertThat(operator.handle().onExit().get().isAlive()).isFalse();
    }
    assertThat(operator.exitCode()).isEqualTo(2);
    assertThat(operator.output().lines().filter(line -> line.contains("cannot start")))
        .singleElement()
        .asString()
        .contains(Integer.toString(port), "in use", "webhook.port");
    noTrace();
  }

  @Test
  void a_configuration_that_cannot_be_used_ends_the_process_with_one_sentence() throws Exception {
    operator.with("PREHEAT_WEBHOOK_MAX_CONNECTIONS", "many");
    operator.start();
    operator.handle().onExit().get();
    assertThat(operator.exitCode()).isEqualTo(2);
    assertThat(operator.output().lines()).hasSize(1);
    noTrace();
  }

  private void awaitTold(String sentence) {
    await()
        .atMost(TOLD)
        .untilAsserted(() -> {
          assertThat(operator.probe("/readyz").code()).isEqualTo(503);
          assertThat(operator.probe("/readyz").text()).contains(sentence);
          assertThat(operator.output()).contains("Waiting: " + sentence);
        });
    assertThat(operator.probe("/livez").code()).isEqualTo(200);
  }

  private void toldOnce(String words) {
    assertThat(operator.output().lines().filter(line -> line.contains(words))).hasSize(1);
    noTrace();
  }

  private void noTrace() {
    assertThat(operator.output().lines().filter(line -> line.startsWith("\tat "))).isEmpty();
  }
}
