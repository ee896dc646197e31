package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistryStatus;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderStatus;
import io.goharbor.preheat.e2e.chart.Permissions.Permission;
import io.goharbor.preheat.e2e.chart.Permissions.Where;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import io.goharbor.preheat.e2e.world.Scenario;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a real API server can judge: fields that it does not know, and roles in force. */
class ChartRealApiServerTest {
  private static final String ACCOUNT =
      "system:serviceaccount:" + ChartRenderer.NAMESPACE + ":" + Rendered.NAME;
  private static final String WATCHED = "shop";

  /** What an operator is sometimes given, and this one has no use for. */
  private static final List<String> STRANGERS =
      List.of(
          "pods",
          "pods/exec",
          "pods/log",
          "services",
          "nodes",
          "serviceaccounts",
          "serviceaccounts/token",
          "events.k8s.io:events",
          "apps:deployments",
          "apps:daemonsets",
          "batch:jobs",
          "networking.k8s.io:ingresses",
          "rbac.authorization.k8s.io:roles",
          "rbac.authorization.k8s.io:clusterroles",
          "rbac.authorization.k8s.io:rolebindings",
          "rbac.authorization.k8s.io:clusterrolebindings",
          "apiextensions.k8s.io:customresourcedefinitions",
          "admissionregistration.k8s.io:validatingwebhookconfigurations",
          "preheat.goharbor.io:preheatpolicies/finalizers");

  private static final List<String> VERBS =
      List.of(
          "get",
          "list",
          "watch",
          "create",
          "update",
          "patch",
          "delete",
          "deletecollection",
          "bind",
          "escalate",
          "impersonate");

  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path scratch;
  private RealKube kube;
  private KubernetesClient client;

  @BeforeEach
  void start() throws Exception {
    kube = RealKubes.startOrSkip(scratch.resolve("kube"));
    client = kube.client();
    for (String name : List.of(ChartRenderer.NAMESPACE, WATCHED, "other", "monitoring")) {
      client
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .create();
    }
  }

  @AfterEach
  void stop() {
    if (kube != null) {
      client.close();
      kube.close();
    }
  }

  @Test
  void it_knows_every_field_of_everything() throws Exception {
    List<HasMetadata> objects = ChartRenderer.render(ChartGoldenTest.values("everything"));
    for (HasMetadata object : objects) {
      // No definitions of these are here.
      if (!List.of("Certificate", "HTTPRoute", "ServiceMonitor", "PrometheusRule")
          .contains(object.getKind())) {
        client.resource(object).fieldValidation(FieldValidateable.Validation.STRICT).create();
      }
    }
    assertThat(objects).hasSizeGreaterThan(20);
  }

  @Test
  void cluster_wide_it_may_do_what_the_page_lists_everywhere_and_no_more() throws Exception {
    install(Map.of());
    check(Set.of(ChartRenderer.NAMESPACE, WATCHED, "other"));
  }

  @Test
  void in_watched_namespaces_it_may_do_what_the_page_lists_there_and_no_more() throws Exception {
    install(Map.of("watchNamespaces", List.of(WATCHED)));
    check(Set.of(WATCHED));
    // A Role covers the Namespace that it is in: as the operator itself would read it.
    try (KubernetesClient operator = impersonated()) {
      assertThat(operator.namespaces().withName(WATCHED).get()).isNotNull();
    }
  }

  @Test
  void the_operator_lives_with_the_rights_of_its_role() throws Exception {
    install(Map.of());
    try (World world =
        new World(ChartRenderer.ROOT, scratch, new AsOperator(kube, Rendered.NAME))) {
      start(world);
      List<Scenario.Outcome> outcomes =
          new Scenario(world, new Quiet(), Scenario.Disturbance.none()).play();
      assertThat(outcomes).as(world.operator().output()).allMatch(Scenario.Outcome::observed);
      assertThat(world.operator().output()).doesNotContainIgnoringCase("forbidden");
    }
  }

  @Test
  void with_secrets_of_one_namespace_it_works_there_and_says_what_it_may_not_read_elsewhere()
      throws Exception {
    install(Map.of("rbac", Map.of("secretNamespaces", List.of("default"))));
    try (World world =
        new World(ChartRenderer.ROOT, scratch, new AsOperator(kube, Rendered.NAME))) {
      start(world);
      for (HasMetadata object : world.load("quickstart-dragonfly.yaml")) {
        client.resource(object).inNamespace("default").create();
        client.resource(object).inNamespace("other").create();
      }
      await().atMost(SOON).until(() -> reason("default").equals(List.of("Ready", "Ready")));
      await()
          .atMost(SOON)
          .until(() -> reason("other").equals(List.of("SecretForbidden", "SecretForbidden")));
      assertThat(world.operator().output()).doesNotContain("KubernetesClientException");

      install(Map.of("rbac", Map.of("secretNamespaces", List.of("default", "other"))));
      await().atMost(SOON).until(() -> reason("other").equals(List.of("Ready", "Ready")));
    }
  }

  /** Why the registry and the provider of the quickstart are ready or not. */
  private List<String> reason(String namespace) {
    HarborRegistryStatus registry =
        client
            .resources(HarborRegistry.class)
            .inNamespace(namespace)
            .withName("main")
            .get()
            .getStatus();
    P2PProviderStatus provider =
        client
            .resources(P2PProvider.class)
            .inNamespace(namespace)
            .withName("dragonfly")
            .get()
            .getStatus();
    return Stream.of(
            registry == null ? null : registry.conditions(),
            provider == null ? null : provider.conditions())
        .map(
            conditions -> Conditions.find(conditions, "Ready").map(Condition::getReason).orElse(""))
        .toList();
  }

  @Test
  void a_tenant_with_edit_makes_policies_and_executions_and_points_the_operator_nowhere() {
    install(Map.of());
    Tenant.aggregate(client);
    Tenant.bind(client, "editor", "edit", WATCHED);
    Tenant.bind(client, "administrator", "admin", WATCHED);
    List<AdmissionCases.Case> servers =
        AdmissionCases.all().stream()
            .filter(one -> !one.policy().equals(AdmissionCases.POLICIES))
            .filter(one -> one.namespace().equals(WATCHED))
            .toList();
    List<AdmissionCases.Case> policies =
        AdmissionCases.all().stream()
            .filter(one -> one.policy().equals(AdmissionCases.POLICIES))
            .filter(one -> one.namespace().equals(WATCHED))
            .toList();
    assertThat(servers).isNotEmpty();
    assertThat(policies).isNotEmpty();
    try (Tenant editor = Tenant.of(kube, "editor");
        Tenant administrator = Tenant.of(kube, "administrator")) {
      await().atMost(SOON).until(() -> editor.create(policies.getFirst(), "first").isEmpty());
      for (AdmissionCases.Case one : servers) {
        assertThat(editor.create(one, "by-editor")).as(one.toString()).contains("forbidden");
      }
      assertThat(
              editor.write(
                  """
                  apiVersion: preheat.goharbor.io/v1alpha1
                  kind: PreheatExecution
                  metadata: {name: by-editor, namespace: shop}
                  spec: {policyRef: {name: first}}
                  """))
          .isEmpty();
      assertThat(editor.create(policies.getFirst().elsewhere("other"), "elsewhere"))
          .contains("forbidden");
      await()
          .atMost(SOON)
          .until(() -> administrator.create(servers.getFirst(), "by-administrator").isEmpty());
      assertThat(editor.readsRegistry(WATCHED, "by-administrator")).isTrue();
      assertThat(editor.deletesRegistry(WATCHED, "by-administrator")).isFalse();
    }
  }

  /** With what the pod's environment says. */
  private static void start(World world) throws InterruptedException {
    world
        .operator()
        .with("POD_NAMESPACE", ChartRenderer.NAMESPACE)
        .with("PREHEAT_LEASE_NAME", Rendered.NAME);
    world.startOperator();
  }

  private void install(Map<String, Object> values) {
    for (HasMetadata object : ChartRenderer.render(values)) {
      client.resource(object).createOr(NonDeletingOperation::update);
    }
  }

  /**
   * Asks for each verb on each resource in each namespace.
   *
   * @param watched where the operator works
   */
  private void check(Set<String> watched) throws Exception {
    Permissions page = Permissions.ofThePage();
    Set<String> resources = new TreeSet<>(STRANGERS);
    page.all().forEach(permission -> resources.add(permission.resource()));
    Set<String> wrong = new TreeSet<>();
    int allowed = 0;
    for (String namespace : List.of(ChartRenderer.NAMESPACE, WATCHED, "other")) {
      for (String resource : resources) {
        for (String verb : VERBS) {
          Permission asked = new Permission(Where.WATCHED, resource, verb);
          boolean expected =
              (watched.contains(namespace) && page.all().contains(asked))
                  || (namespace.equals(ChartRenderer.NAMESPACE)
                      && page.all().contains(new Permission(Where.OWN_NAMESPACE, resource, verb)));
          if (may(namespace, asked, "") != expected) {
            wrong.add(
                (expected ? "denied: " : "allowed: ") + verb + " " + resource + " in " + namespace);
          }
          allowed += expected ? 1 : 0;
        }
      }
    }
    for (Permission own : page.all()) {
      if (own.own()) {
        for (String namespace : List.of(ChartRenderer.NAMESPACE, WATCHED, "other")) {
          boolean expected = namespace.equals(ChartRenderer.NAMESPACE);
          if (may(namespace, own, Rendered.NAME) != expected
              || may(namespace, own, "another-operator")) {
            wrong.add(own + " in " + namespace);
          }
        }
      }
    }
    assertThat(wrong).as("what differs from docs/install.md").isEmpty();
    assertThat(allowed).isGreaterThan(30);
    try (KubernetesClient operator = impersonated()) {
      for (Permission permission : page.all()) {
        assertThat(canI(operator, permission)).as("can I: %s", permission).isTrue();
      }
    }
  }

  /**
   * Asks the API server.
   *
   * @param name of the object; empty: any
   */
  private boolean may(String namespace, Permission asked, String name) {
    return client
        .authorization()
        .v1()
        .subjectAccessReview()
        .create(
            new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(ACCOUNT)
                .withResourceAttributes(attributes(namespace, asked, name))
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }

  /** What {@code kubectl auth can-i} asks. */
  private static boolean canI(KubernetesClient operator, Permission permission) {
    String namespace = permission.where() == Where.WATCHED ? WATCHED : ChartRenderer.NAMESPACE;
    return operator
        .authorization()
        .v1()
        .selfSubjectAccessReview()
        .create(
            new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withResourceAttributes(
                    attributes(namespace, permission, permission.own() ? Rendered.NAME : ""))
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }

  private static ResourceAttributes attributes(String namespace, Permission asked, String name) {
    String[] plural = asked.plural().split("/", 2);
    return new ResourceAttributesBuilder()
        .withNamespace(namespace)
        .withName(name)
        .withVerb(asked.verb())
        .withGroup(asked.group())
        .withResource(plural[0])
        .withSubresource(plural.length > 1 ? plural[1] : null)
        .build();
  }

  private KubernetesClient impersonated() {
    KubernetesClient operator = kube.client();
    operator.getConfiguration().setImpersonateUsername(ACCOUNT);
    return operator;
  }

  private static final class Quiet implements Scenario.Watcher {
    @Override
    public void step(String title) {}

    @Override
    public void outcome(Scenario.Outcome outcome) {}
  }
}
