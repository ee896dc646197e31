package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may do what: docs/install.md says the same and why. */
class ChartRbacTest {
  private static final String LEADER = Rendered.NAME + "-leader";

  private static final String[] RULES = {
    "preheat.goharbor.io harborregistries,p2pproviders,preheatpolicies:"
        + " get,list,watch,patch,update",
    "preheat.goharbor.io preheatexecutions: get,list,watch,create,patch,update,delete",
    "preheat.goharbor.io harborregistries/status,p2pproviders/status,preheatpolicies/status,"
        + "preheatexecutions/status: get,patch,update",
    " secrets,configmaps: get",
    " namespaces: get",
    " events: create,get,patch"
  };

  @Test
  void cluster_wide_it_may_do_what_it_needs_and_no_more() {
    Rendered rendered = Rendered.byDefault();
    assertRules(rendered.only(ClusterRole.class, Rendered.NAME).getRules(), RULES);
    assertThat(rendered.all(ClusterRoleBinding.class))
        .singleElement()
        .satisfies(binding -> {
          assertBound(binding.getRoleRef(), "ClusterRole", Rendered.NAME);
          assertAccount(binding.getSubjects());
        });
  }

  @Test
  void it_leads_by_a_lease_in_its_own_namespace() {
    Rendered rendered = Rendered.byDefault();
    assertThat(rendered.all(Role.class))
        .singleElement()
        .satisfies(role -> {
          assertThat(role.getMetadata().getName()).isEqualTo(LEADER);
          assertThat(role.getMetadata().getNamespace()).isEqualTo(ChartRenderer.NAMESPACE);
          assertRules(
              role.getRules(),
              "coordination.k8s.io leases[" + Rendered.NAME + "]: get,update",
              "coordination.k8s.io leases: create");
          assertThat(rendered.environment()).containsEntry("PREHEAT_LEASE_NAME", Rendered.NAME);
        });
    assertThat(rendered.all(RoleBinding.class))
        .singleElement()
        .satisfies(binding -> {
          assertThat(binding.getMetadata().getNamespace()).isEqualTo(ChartRenderer.NAMESPACE);
          assertBound(binding.getRoleRef(), "Role", LEADER);
          assertAccount(binding.getSubjects());
        });
  }

  @Test
  void watched_namespaces_get_roles_in_place_of_a_cluster_role() {
    Rendered rendered = Rendered.with("watchNamespaces", List.of("shop", "team-a"));
    assertThat(rendered.all(ClusterRoleBinding.class)).isEmpty();
    // For the users; no one is bound to them by the chart.
    assertThat(rendered.all(ClusterRole.class))
        .extracting(role -> role.getMetadata().getName())
        .containsExactlyInAnyOrder(
            Rendered.NAME + "-view", Rendered.NAME + "-edit", Rendered.NAME + "-admin");
    assertThat(rendered.all(Role.class))
        .filteredOn(role -> !role.getMetadata().getName().equals(LEADER))
        .allSatisfy(role -> assertRules(role.getRules(), RULES))
        .extracting(role -> role.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("shop", "team-a");
    assertThat(rendered.all(RoleBinding.class))
        .filteredOn(binding -> !binding.getMetadata().getName().equals(LEADER))
        .allSatisfy(binding -> {
          assertBound(binding.getRoleRef(), "Role", Rendered.NAME);
          assertAccount(binding.getSubjects());
        })
        .extracting(binding -> binding.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("shop", "team-a");
    assertThat(rendered.environment()).containsEntry("PREHEAT_NAMESPACES", "shop,team-a");
  }

  @Test
  void secrets_of_listed_namespaces_are_read_by_roles_there() {
    Rendered rendered = Rendered.with("rbac.secretNamespaces", List.of("shop", "team-a"));
    String secrets = " secrets,configmaps: get";
    assertRules(
        rendered.only(ClusterRole.class, Rendered.NAME).getRules(),
        Stream.of(RULES).filter(rule -> !rule.equals(secrets)).toArray(String[]::new));
    assertThat(rendered.all(Role.class))
        .filteredOn(role -> !role.getMetadata().getName().equals(LEADER))
        .allSatisfy(role -> {
          assertThat(role.getMetadata().getName()).isEqualTo(Rendered.NAME + "-secrets");
          assertRules(role.getRules(), secrets);
        })
        .extracting(role -> role.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("shop", "team-a");
    assertThat(rendered.all(RoleBinding.class))
        .filteredOn(binding -> !binding.getMetadata().getName().equals(LEADER))
        .allSatisfy(binding -> {
          assertBound(binding.getRoleRef(), "Role", Rendered.NAME + "-secrets");
          assertAccount(binding.getSubjects());
        })
        .extracting(binding -> binding.getMetadata().getNamespace())
        .containsExactlyInAnyOrder("shop", "team-a");
  }

  @Test
  void secrets_are_read_only_where_the_operator_watches() {
    assertThatThrownBy(() ->
            Rendered.of(
                Map.of(
                    "watchNamespaces",
                    List.of("shop"),
                    "rbac",
                    Map.of("secretNamespaces", List.of("team-a")))))
        .hasMessageContaining("rbac.secretNamespaces: team-a is not in watchNamespaces");
  }

  @Test
  void without_roles_for_users_watched_namespaces_need_no_cluster_role_at_all() {
    Rendered rendered =
        Rendered.of(Map.of("watchNamespaces", List.of("shop"), "rbac", Map.of("aggregate", false)));
    assertThat(rendered.objects())
        .extracting(HasMetadata::getKind)
        .noneMatch(kind -> kind.startsWith("ClusterRole"));
  }

  @Test
  void users_get_the_custom_resources_with_the_roles_that_they_have() {
    Rendered rendered = Rendered.byDefault();
    String kinds = "harborregistries,p2pproviders,preheatpolicies,preheatexecutions";
    ClusterRole view = rendered.only(ClusterRole.class, Rendered.NAME + "-view");
    assertRules(view.getRules(), "preheat.goharbor.io " + kinds + ": get,list,watch");
    assertThat(aggregatedTo(view)).containsExactlyInAnyOrder("view", "edit", "admin");
    ClusterRole edit = rendered.only(ClusterRole.class, Rendered.NAME + "-edit");
    assertRules(
        edit.getRules(),
        "preheat.goharbor.io preheatpolicies,preheatexecutions:"
            + " create,delete,deletecollection,patch,update");
    assertThat(aggregatedTo(edit)).containsExactlyInAnyOrder("edit", "admin");
    // These make the operator send Secrets to a URL.
    ClusterRole admin = rendered.only(ClusterRole.class, Rendered.NAME + "-admin");
    assertRules(
        admin.getRules(),
        "preheat.goharbor.io harborregistries,p2pproviders:"
            + " create,delete,deletecollection,patch,update");
    assertThat(aggregatedTo(admin)).containsExactly("admin");
  }

  @Test
  void roles_for_users_can_be_left_out() {
    assertThat(Rendered.with("rbac.aggregate", false).all(ClusterRole.class))
        .extracting(role -> role.getMetadata().getName())
        .containsExactly(Rendered.NAME);
  }

  @Test
  void all_roles_can_be_left_out() {
    assertThat(Rendered.with("rbac.create", false).objects())
        .extracting(HasMetadata::getKind)
        .isNotEmpty()
        .noneMatch(kind -> kind.contains("Role"));
  }

  private static List<String> aggregatedTo(ClusterRole role) {
    String prefix = "rbac.authorization.k8s.io/aggregate-to-";
    return role.getMetadata().getLabels().entrySet().stream()
        .filter(label -> label.getKey().startsWith(prefix) && label.getValue().equals("true"))
        .map(label -> label.getKey().substring(prefix.length()))
        .toList();
  }

  private static void assertBound(RoleRef ref, String kind, String name) {
    assertThat(ref).isEqualTo(new RoleRef("rbac.authorization.k8s.io", kind, name));
  }

  private static void assertAccount(List<Subject> subjects) {
    assertThat(subjects)
        .containsExactly(
            new Subject(null, "ServiceAccount", Rendered.NAME, ChartRenderer.NAMESPACE));
  }

  private static void assertRules(List<PolicyRule> rules, String... expected) {
    assertThat(rules)
        .allSatisfy(rule -> assertThat(rule.getNonResourceURLs()).isEmpty())
        .extracting(rule ->
            String.join(",", rule.getApiGroups())
                + " "
                + String.join(",", rule.getResources())
                + (rule.getResourceNames().isEmpty() ? "" : rule.getResourceNames())
                + ": "
                + String.join(",", rule.getVerbs()))
        .containsExactlyInAnyOrder(expected);
  }
}
