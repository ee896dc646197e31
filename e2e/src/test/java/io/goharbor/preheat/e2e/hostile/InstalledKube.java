package io.goharbor.preheat.e2e.hostile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.chart.AsOperator;
import io.goharbor.preheat.e2e.chart.ChartRenderer;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.kube.RealKube;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real API server with the chart installed; the operator comes with a token of its account. */
record InstalledKube(RealKube kube, List<HasMetadata> chart) implements Kube {
  /** Installs the chart with its default values. */
  static InstalledKube on(RealKube kube) {
    List<HasMetadata> chart = ChartRenderer.render(Map.of());
    try (KubernetesClient admin = kube.client()) {
      admin
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(ChartRenderer.NAMESPACE)
                  .endMetadata()
                  .build())
          .create();
      chart.forEach(object -> admin.resource(object).create());
    }
    return new InstalledKube(kube, chart);
  }

  /** The plain variables that the chart gives the operator, but for its ports. */
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("POD_NAMESPACE", ChartRenderer.NAMESPACE);
    chart.stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .flatMap(deployment ->
            deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .stream())
        .filter(variable -> variable.getValue() != null)
        .filter(variable -> variable.getName().startsWith("PREHEAT_"))
        .filter(variable -> !variable.getName().endsWith("_PORT"))
        .forEach(variable -> settings.put(variable.getName(), variable.getValue()));
    return settings;
  }

  @Override
  public String describe() {
    return kube.describe();
  }

  @Override
  public String kubeconfig() {
    String account =
        chart.stream()
            .filter(ServiceAccount.class::isInstance)
            .map(object -> object.getMetadata().getName())
            .findFirst()
            .orElseThrow();
    return new AsOperator(kube, account).kubeconfig();
  }

  @Override
  public KubernetesClient client() {
    return kube.client();
  }

  @Override
  public void close() {
    kube.close();
  }
}
