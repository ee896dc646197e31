package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.chart.Permissions.Permission;
import io.goharbor.preheat.e2e.chart.Permissions.Where;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The page on installing lists all that the roles allow, and nothing that they do not. */
class PermissionsTest {
  private static final String VERSION =
      "deploy/olm/bundle/manifests/harbor-preheat-operator.clusterserviceversion.yaml";

  @Test
  void cluster_wide() throws IOException {
    assertThat(Permissions.ofTheChart()).isEqualTo(Permissions.ofThePage());
  }

  @Test
  void in_watched_namespaces() throws IOException {
    Rendered rendered = Rendered.with("watchNamespaces", List.of("shop"));
    Set<Permission> all = new TreeSet<>();
    for (Role role : rendered.all(Role.class)) {
      boolean own = role.getMetadata().getNamespace().equals(ChartRenderer.NAMESPACE);
      Permissions.add(
          all, own ? Where.OWN_NAMESPACE : Where.WATCHED, Rendered.NAME, role.getRules());
    }
    assertThat(new Permissions(all)).isEqualTo(Permissions.ofThePage());
  }

  /** The same rules, with those for Secrets in roles of their own. */
  @Test
  void with_secrets_of_some_namespaces() throws IOException {
    Rendered rendered = Rendered.with("rbac.secretNamespaces", List.of("shop", "team-a"));
    List<PolicyRule> everywhere = rendered.only(ClusterRole.class, Rendered.NAME).getRules();
    for (Role role : rendered.all(Role.class)) {
      Set<Permission> all = new TreeSet<>();
      boolean own = role.getMetadata().getNamespace().equals(ChartRenderer.NAMESPACE);
      Permissions.add(all, Where.WATCHED, Rendered.NAME, everywhere);
      Permissions.add(
          all, own ? Where.OWN_NAMESPACE : Where.WATCHED, Rendered.NAME, role.getRules());
      Set<Permission> expected = new TreeSet<>(Permissions.ofThePage().all());
      expected.removeIf(permission ->
          own
              ? permission.plural().matches("secrets|configmaps")
              : permission.where() == Where.OWN_NAMESPACE);
      assertThat(all).as(role.getMetadata().getNamespace()).isEqualTo(expected);
    }
  }

  /** OLM knows no place but the watched namespaces; the page says so. */
  @Test
  void by_olm() throws IOException {
    JsonNode version = ChartRenderer.YAML.readTree(ChartRenderer.ROOT.resolve(VERSION).toFile());
    List<PolicyRule> rules = new ArrayList<>();
    for (JsonNode rule : version.at("/spec/install/spec/permissions/0/rules")) {
      rules.add(Serialization.unmarshal(rule.toString(), PolicyRule.class));
    }
    Set<Permission> all = new TreeSet<>();
    Permissions.add(all, Where.WATCHED, OlmBundle.NAME, rules);
    Set<Permission> expected = new TreeSet<>();
    for (Permission one : Permissions.ofThePage().all()) {
      expected.add(new Permission(Where.WATCHED, one.resource(), one.verb(), one.own()));
    }
    assertThat(all).isEqualTo(expected);
  }

  @Test
  void a_row_of_the_table_is_each_verb_on_each_resource() {
    assertThat(
            Permissions.ofTable(
                    """
                    These.

                    | Resource | Verbs | Why |
                    |---|---|---|
                    | Secrets, ConfigMaps | get | x |
                    | Leases, in its own namespace only | also create | x |
                    | its Lease, in its own namespace only | patch | x |

                    | Other | get | table |
                    """)
                .all())
        .containsExactlyInAnyOrder(
            new Permission(Where.WATCHED, "secrets", "get"),
            new Permission(Where.WATCHED, "configmaps", "get"),
            new Permission(Where.OWN_NAMESPACE, "coordination.k8s.io:leases", "create"),
            new Permission(Where.OWN_NAMESPACE, "coordination.k8s.io:leases", "patch", true));
  }
}
