package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;

/** What every API server that holds our CRDs must refuse, and with which words. */
final class BadInput {
  private BadInput() {}

  static void check(KubernetesClient client) {
    refused(
        client,
        "P2PProvider",
        "{type: Dragonfly}",
        "dragonfly must be set exactly when type is Dragonfly");
    refused(
        client,
        "P2PProvider",
        "{type: Kraken, kraken: {proxyURL: 'http://k'}, auth: {type: Bearer}}",
        "secretRef must be set unless type is None");
    refused(
        client,
        "P2PProvider",
        "{type: Kraken, kraken: {namespaceTemplate: '{repository}'}}",
        "proxyURL or originURL must be set");
    refused(client, "P2PProvider", "{type: Squid}", "spec.type");
    refused(client, "HarborRegistry", "{url: 'ftp://harbor'}", "spec.url");
    refused(
        client,
        "PreheatPolicy",
        "{harborRef: {name: main}, providerRefs: [{name: d}],"
            + " triggers: {schedule: {cron: 'at noon'}}}",
        "cron");
    refused(
        client,
        "PreheatPolicy",
        "{harborRef: {name: main}, providerRefs: [{name: d}], target: {scope: AllPeers, count: 1,"
            + " percentage: 5}}",
        "at most one of count, percentage and ips may be set");
    refused(
        client,
        "PreheatExecution",
        "{harborRef: {name: main}}",
        "set policyRef, or both harborRef and providerRefs");
    refused(
        client,
        "PreheatExecution",
        "{harborRef: {name: main}, providerRefs: [{name: d}], artifacts: [{repository: a/b}]}",
        "set tag, digest or both");
  }

  /** The same execution as if something else had caused it. */
  static PreheatExecution withOtherTrigger(PreheatExecution execution) {
    String spec = Serialization.asJson(execution.getSpec()).replace("\"Manual\"", "\"Schedule\"");
    execution.setSpec(Serialization.unmarshal(spec, PreheatExecutionSpec.class));
    return execution;
  }

  private static void refused(KubernetesClient client, String kind, String spec, String words) {
    GenericKubernetesResource object =
        Serialization.unmarshal(
            """
            apiVersion: preheat.goharbor.io/v1alpha1
            kind: %s
            metadata: {name: bad, namespace: default}
            spec: %s
            """
                .formatted(kind, spec),
            GenericKubernetesResource.class);
    assertThatThrownBy(() -> client.resource(object).create())
        .as("%s %s", kind, spec)
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            e -> org.assertj.core.api.Assertions.assertThat(e.getCode()).isEqualTo(422))
        .hasMessageContaining(words);
  }
}
