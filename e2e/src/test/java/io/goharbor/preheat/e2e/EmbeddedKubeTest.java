package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.builder.PreheatExecutionStatusBuilder;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded API behaves, where it matters here, as a real one does. */
class EmbeddedKubeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path scratch;
  private World world;
  private KubernetesClient client;

  @BeforeEach
  void start() throws IOException {
    world = new World(ROOT, scratch, EmbeddedKube.start());
    client = world.client();
  }

  @AfterEach
  void stop() {
    world.close();
  }

  /** The API server reads what is applied as YAML, and YAML has no such characters. */
  @Test
  void control_characters_cannot_be_applied() {
    for (String text : List.of("\u007f", "\u0080", "\u009f", "\ufffe")) {
      assertThatThrownBy(() ->
              client
                  .resource(
                      new ConfigMapBuilder()
                          .withNewMetadata()
                          .withName("text")
                          .withNamespace("default")
                          .endMetadata()
                          .addToData("said", text)
                          .build())
                  .fieldManager("test")
                  .serverSideApply())
          .as("U+%04X", (int) text.charAt(0))
          .isInstanceOfSatisfying(
              KubernetesClientException.class,
              refusal -> assertThat(refusal.getCode()).isEqualTo(400));
    }
  }

  @Test
  void bad_objects_are_refused_by_schema_and_rules() {
    BadInput.check(client);
  }

  @Test
  void bad_statuses_are_refused_as_by_a_real_api_server() {
    BadStatus.check(client.getConfiguration());
  }

  @Test
  void a_list_comes_in_pages_when_it_is_asked_for_so() {
    for (int i = 0; i < 5; i++) {
      client
          .resource(
              new ConfigMapBuilder().withNewMetadata().withName("m" + i).endMetadata().build())
          .inNamespace("default")
          .create();
    }
    java.util.List<String> names = new java.util.ArrayList<>();
    String token = null;
    int pages = 0;
    do {
      io.fabric8.kubernetes.api.model.ConfigMapList page =
          client
              .configMaps()
              .inNamespace("default")
              .list(
                  new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                      .withLimit(2L)
                      .withContinue(token)
                      .build());
      page.getItems().forEach(map -> names.add(map.getMetadata().getName()));
      token = page.getMetadata().getContinue();
      pages++;
    } while (token != null && !token.isEmpty());
    assertThat(names).containsExactly("m0", "m1", "m2", "m3", "m4");
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void a_status_sent_with_the_object_is_dropped_and_written_through_its_subresource_only() {
    PreheatExecution execution = execution("one");
    execution.setStatus(status("x"));
    PreheatExecution created = client.resource(execution).create();
    assertThat(created.getStatus()).isNull();
    assertThat(created.getMetadata().getGeneration()).isEqualTo(1);
    assertThat(created.getSpec().suspend()).as("a default").isFalse();
    PreheatExecution patch = new PreheatExecution();
    patch.setMetadata(new ObjectMetaBuilder().withName("one").withNamespace("default").build());
    patch.setStatus(status("written"));
    PreheatExecution written = applyStatus(patch);
    assertThat(written.getStatus().message()).isEqualTo("written");
    assertThat(written.getMetadata().getGeneration()).isEqualTo(1);
    assertThat(written.getSpec().policyRef()).isEqualTo(new LocalRef("p"));
  }

  @Test
  void a_stale_version_is_a_conflict() {
    PreheatExecution created = client.resource(execution("two")).create();
    String stale = created.getMetadata().getResourceVersion();
    PreheatExecution patch = new PreheatExecution();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName("two")
            .withNamespace("default")
            .withResourceVersion(stale)
            .build());
    patch.setStatus(status("first"));
    applyStatus(patch);
    patch.setStatus(status("second"));
    assertThatThrownBy(() -> applyStatus(patch))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));
  }

  @Test
  void apply_takes_out_what_is_no_longer_sent_and_leaves_what_others_sent() {
    client.resource(map(Map.of("a", "1", "b", "2"))).fieldManager("one").serverSideApply();
    client.resource(map(Map.of("c", "3"))).fieldManager("two").serverSideApply();
    ConfigMap after = client.resource(map(Map.of("a", "1"))).fieldManager("one").serverSideApply();
    assertThat(after.getData()).containsOnlyKeys("a", "c");
  }

  @Test
  void an_owned_object_that_is_held_goes_when_it_is_let_go() {
    ConfigMap owner = client.resource(map(Map.of("a", "1"))).create();
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("held")
                .withNamespace("default")
                .withFinalizers("x.io/hold")
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("ConfigMap")
                .withName("m")
                .withUid(owner.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .build())
        .create();
    client.configMaps().inNamespace("default").withName("m").delete();
    Resource<Secret> held = client.secrets().inNamespace("default").withName("held");
    assertThat(held.get().getMetadata().getDeletionTimestamp()).isNotNull();
    held.edit(secret -> {
      secret.getMetadata().setFinalizers(List.of());
      return secret;
    });
    assertThat(held.get()).isNull();
  }

  @Test
  void a_namespace_goes_after_all_that_is_in_it_and_takes_nothing_new_meanwhile() {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName("going").endMetadata().build())
        .create();
    Secret held =
        new SecretBuilder()
            .withNewMetadata()
            .withName("held")
            .withNamespace("going")
            .withFinalizers("x.io/hold")
            .endMetadata()
            .build();
    client.resource(held).create();
    Secret free =
        new SecretBuilder()
            .withNewMetadata()
            .withName("free")
            .withNamespace("going")
            .endMetadata()
            .build();
    client.resource(free).create();

    client.namespaces().withName("going").delete();

    assertThat(client.namespaces().withName("going").get().getStatus().getPhase())
        .isEqualTo("Terminating");
    assertThat(client.secrets().inNamespace("going").list().getItems())
        .singleElement()
        .satisfies(secret -> assertThat(secret.isMarkedForDeletion()).isTrue());
    assertThatThrownBy(() -> client.resource(free).create())
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("because it is being terminated");

    client
        .secrets()
        .inNamespace("going")
        .withName("held")
        .edit(secret -> {
          secret.getMetadata().setFinalizers(List.of());
          return secret;
        });
    assertThat(client.namespaces().withName("going").get()).isNull();
  }

  @Test
  void finalizers_hold_an_object_and_owned_objects_go_with_their_owner() {
    ConfigMap owner = client.resource(map(Map.of("a", "1"))).create();
    Secret owned =
        new SecretBuilder()
            .withNewMetadata()
            .withName("owned")
            .withNamespace("default")
            .addNewOwnerReference()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withName("m")
            .withUid(owner.getMetadata().getUid())
            .endOwnerReference()
            .endMetadata()
            .addToStringData("k", "v")
            .build();
    assertThat(client.resource(owned).create().getData()).containsEntry("k", "dg==");
    client
        .resource(map(Map.of()))
        .edit(m -> {
          m.getMetadata().setFinalizers(List.of("x.io/hold"));
          return m;
        });
    client.configMaps().inNamespace("default").withName("m").delete();
    assertThat(
            client
                .configMaps()
                .inNamespace("default")
                .withName("m")
                .get()
                .getMetadata()
                .getDeletionTimestamp())
        .isNotNull();
    client
        .configMaps()
        .inNamespace("default")
        .withName("m")
        .edit(m -> {
          m.getMetadata().setFinalizers(List.of());
          return m;
        });
    assertThat(client.configMaps().inNamespace("default").withName("m").get()).isNull();
    assertThat(client.secrets().inNamespace("default").withName("owned").get()).isNull();
  }

  @Test
  void what_is_in_no_namespace_that_exists_is_not_found() {
    PreheatExecution execution = execution("lost");
    execution.getMetadata().setNamespace("nowhere");
    assertThatThrownBy(() -> client.resource(execution).create()).hasMessageContaining("nowhere");
  }

  @Test
  void examples_are_accepted() {
    for (String example :
        List.of(
            "quickstart-dragonfly.yaml",
            "quickstart-kraken.yaml",
            "nightly-policy.yaml",
            "models-and-nydus.yaml",
            "dry-run-and-retry.yaml",
            "manual-execution.yaml",
            "argocd-gate.yaml",
            "argocd-gate-history.yaml",
            "argocd-sync-wave.yaml")) {
      world.apply(example);
    }
  }

  @Test
  void kubectl_works() throws Exception {
    assumeTrue(onPath("kubectl"), "skipped: kubectl is not on the PATH");
    client.resource(execution("seen")).create();
    assertThat(kubectl("get", "preheat", "-A")).contains("PROGRESS", "seen");
    assertThat(kubectl("get", "phx", "seen", "-o", "jsonpath={.spec.policyRef.name}"))
        .isEqualTo("p");
    assertThat(kubectl("explain", "preheatpolicy.spec.selector.latestPushed")).contains("newest N");
    Path file =
        Files.writeString(
            scratch.resolve("applied.yaml"),
            """
            apiVersion: preheat.goharbor.io/v1alpha1
            kind: PreheatExecution
            metadata: {name: applied, namespace: default}
            spec: {policyRef: {name: p}}
            """);
    assertThat(kubectl("apply", "-f", file.toString())).contains("created");
    assertThat(kubectl("apply", "-f", file.toString())).contains("unchanged");
    assertThat(kubectl("apply", "--server-side", "-f", file.toString())).contains("applied");
    assertThat(kubectl("describe", "phx", "applied")).contains("Policy Ref");
    assertThat(
            kubectl(
                "patch", "phx", "applied", "--type=merge", "-p", "{\"spec\":{\"suspend\":true}}"))
        .contains("patched");
    Files.writeString(file, Files.readString(file).replace("policyRef", "policyReff"));
    assertThat(kubectl("apply", "-f", file.toString())).contains("unknown field");
    assertThat(kubectl("delete", "phx", "applied")).contains("deleted");
  }

  private String kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of("kubectl", "--kubeconfig", world.kubeconfig().toString()),
                Stream.of(arguments))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  private PreheatExecution applyStatus(PreheatExecution patch) {
    return client
        .resource(patch)
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("t")
                .withForce(true)
                .build());
  }

  private static boolean onPath(String program) {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static PreheatExecutionStatus status(String message) {
    return PreheatExecutionStatusBuilder.builder().message(message).build();
  }

  private static PreheatExecution execution(String name) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(new ObjectMetaBuilder().withName(name).withNamespace("default").build());
    execution.setSpec(
        PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.MANUAL));
    return execution;
  }

  private static ConfigMap map(Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName("m")
        .withNamespace("default")
        .endMetadata()
        .withData(data)
        .build();
  }
}
