package io.goharbor.preheat.e2e.chart;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.kube.RealKube;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Somebody with one of the cluster's roles in a namespace, on a real API server. */
final class Tenant implements AutoCloseable {
  private final KubernetesClient client;

  private Tenant(KubernetesClient client) {
    this.client = client;
  }

  /** Acts in the name of a user. */
  static Tenant of(RealKube kube, String user) {
    KubernetesClient client = kube.client();
    client.getConfiguration().setImpersonateUsername(user);
    return new Tenant(client);
  }

  /** Gives a user one of the cluster's roles in a namespace. */
  static void bind(KubernetesClient admin, String user, String role, String namespace) {
    admin
        .resource(
            new RoleBindingBuilder()
                .withNewMetadata()
                .withName(user)
                .withNamespace(namespace)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .build())
        .create();
  }

  /** Collects the rules of view, edit and admin, which else the controller manager does. */
  static void aggregate(KubernetesClient admin) {
    // Edit is in admin, and view in edit.
    for (String name : List.of("view", "edit", "admin")) {
      ClusterRole role = admin.rbac().clusterRoles().withName(name).get();
      Set<PolicyRule> rules = new LinkedHashSet<>();
      for (LabelSelector selector : role.getAggregationRule().getClusterRoleSelectors()) {
        Map<String, String> labels = selector.getMatchLabels();
        admin
            .rbac()
            .clusterRoles()
            .withLabels(labels)
            .list()
            .getItems()
            .forEach(found -> {
              if (found.getRules() != null) {
                rules.addAll(found.getRules());
              }
            });
      }
      role.setRules(List.copyOf(rules));
      admin.resource(role).update();
    }
  }

  /** Creates what a case says; gives the API server's refusal, or nothing. */
  String create(AdmissionCases.Case one, String name) {
    return write(one.yaml(name));
  }

  /** Creates an object; gives the API server's refusal, or nothing. */
  String write(String yaml) {
    try {
      client.resource(ChartRenderer.objects(yaml).getFirst()).create();
      return "";
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Changes an object by a merge patch; gives the API server's refusal, or nothing. */
  String patchRegistry(String namespace, String name, String merge) {
    try {
      client
          .resources(HarborRegistry.class)
          .inNamespace(namespace)
          .withName(name)
          .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
      return "";
    } catch (KubernetesClientException e) {
      return String.valueOf(e.getMessage());
    }
  }

  boolean readsRegistry(String namespace, String name) {
    return client.resources(HarborRegistry.class).inNamespace(namespace).withName(name).get()
        != null;
  }

  boolean deletesRegistry(String namespace, String name) {
    try {
      client.resources(HarborRegistry.class).inNamespace(namespace).withName(name).delete();
      return true;
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
