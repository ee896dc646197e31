package io.goharbor.preheat.e2e.hostile;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** The definitions as they were before they had patterns. */
final class OldDefinitions {
  private OldDefinitions() {}

  /** Does something while the definitions have no patterns and rules, and puts these back. */
  static void during(KubernetesClient client, Runnable doing) {
    List<CustomResourceDefinition> current =
        client.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
            .filter(crd -> crd.getSpec().getGroup().equals("preheat.goharbor.io"))
            .toList();
    replace(client, current, true);
    try {
      doing.run();
    } finally {
      replace(client, current, false);
    }
  }

  private static void replace(
      KubernetesClient client, List<CustomResourceDefinition> definitions, boolean loose) {
    for (CustomResourceDefinition definition : definitions) {
      client
          .apiextensions()
          .v1()
          .customResourceDefinitions()
          .withName(definition.getMetadata().getName())
          .edit(stored -> {
            stored.setSpec(client.getKubernetesSerialization().clone(definition.getSpec()));
            if (loose) {
              stored
                  .getSpec()
                  .getVersions()
                  .forEach(version -> loosen(version.getSchema().getOpenAPIV3Schema()));
            }
            return stored;
          });
    }
    try {
      // A definition is in force some moments after it is written.
      Thread.sleep(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void loosen(JSONSchemaProps schema) {
    schema.setPattern(null);
    schema.setXKubernetesValidations(null);
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(OldDefinitions::loosen);
    }
    if (schema.getItems() != null && schema.getItems().getSchema() != null) {
      loosen(schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null
        && schema.getAdditionalProperties().getSchema() != null) {
      loosen(schema.getAdditionalProperties().getSchema());
    }
  }
}
