package io.goharbor.preheat.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a tenant tries on a real API server: he has what the chart gives to the roles {@code edit}
 * and {@code admin} of his namespace, and the operator has the chart's account.
 */
@Isolated("measures what another suite beside it would change")
class HostileTenantRealApiServerTest
    implements StolenSecretsRows, CraftedPathsRows, HostileTextRows, GreedyTenantRows {
  private static final String TO_ROLE = "rbac.authorization.k8s.io/aggregate-to-";

  /** Has {@code admin} in his namespace. */
  private static final String OWNER = "owner";

  /** Has only {@code edit} in an own one. */
  private static final String EDITOR = "editor";

  private static final String EDITED = "edited";

  private static SharedCluster cluster;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    RealKube real = RealKubes.startOrSkip(scratch.resolve("kube"));
    try {
      InstalledKube kube = InstalledKube.on(real);
      bind(kube, SharedCluster.TENANT, OWNER, List.of("edit", "admin"));
      bind(kube, EDITED, EDITOR, List.of("edit"));
      cluster = SharedCluster.on(scratch, kube, kube.settings(), OWNER);
    } catch (Exception | Error e) {
      real.close();
      throw e;
    }
  }

  /** No controller manager adds the chart's roles to the cluster's: they are bound themselves. */
  private static void bind(InstalledKube kube, String namespace, String user, List<String> roles) {
    try (KubernetesClient admin = kube.client()) {
      admin
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .create();
      for (HasMetadata object : kube.chart()) {
        Map<String, String> labels = object.getMetadata().getLabels();
        if (object instanceof ClusterRole role
            && labels != null
            && roles.stream().anyMatch(name -> "true".equals(labels.get(TO_ROLE + name)))) {
          admin
              .resource(
                  new RoleBindingBuilder()
                      .withNewMetadata()
                      .withNamespace(namespace)
                      .withName(role.getMetadata().getName())
                      .endMetadata()
                      .withNewRoleRef()
                      .withApiGroup("rbac.authorization.k8s.io")
                      .withKind("ClusterRole")
                      .withName(role.getMetadata().getName())
                      .endRoleRef()
                      .addNewSubject()
                      .withApiGroup("rbac.authorization.k8s.io")
                      .withKind("User")
                      .withName(user)
                      .endSubject()
                      .build())
              .create();
        }
      }
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      try (SharedCluster ended = cluster) {
        ended.pulse().check();
        new Secrecy(ended).check("platform/main");
        assertThat(ended.world().operator().output()).doesNotContain("is forbidden: User");
      }
    }
  }

  @Override
  public SharedCluster cluster() {
    return cluster;
  }

  @Test
  void an_editor_starts_preheats_and_names_no_host() {
    try (KubernetesClient editor = cluster.world().kube().client()) {
      editor.getConfiguration().setImpersonateUsername(EDITOR);
      create(editor, "PreheatPolicy", "{harborRef: {name: main}, providerRefs: [{name: p}]}");
      create(editor, "PreheatExecution", "{policyRef: {name: mine}}");
      for (String[] forbidden :
          new String[][] {
            {"HarborRegistry", "{url: 'http://127.0.0.1:9'}"},
            {"P2PProvider", "{type: Kraken, kraken: {originURL: 'http://127.0.0.1:9'}}"}
          }) {
        assertThatThrownBy(() -> create(editor, forbidden[0], forbidden[1]))
            .as(forbidden[0])
            .isInstanceOfSatisfying(
                KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
      }
    }
  }

  private static void create(KubernetesClient client, String kind, String spec) {
    client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: preheat.goharbor.io/v1alpha1
                kind: %s
                metadata: {name: mine, namespace: %s}
                spec: %s
                """
                    .formatted(kind, EDITED, spec),
                GenericKubernetesResource.class))
        .create();
  }
}
