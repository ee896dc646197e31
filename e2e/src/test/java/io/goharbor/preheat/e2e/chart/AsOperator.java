package io.goharbor.preheat.e2e.chart;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.Kube;

/**
 * The API server as the operator's pod finds it: with a token of its account.
 *
 * @param namespace of its account
 */
public record AsOperator(Kube kube, String namespace, String account) implements Kube {
  /** Of an account in the namespace of the release. */
  public AsOperator(Kube kube, String account) {
    this(kube, ChartRenderer.NAMESPACE, account);
  }

  @Override
  public String describe() {
    return kube.describe();
  }

  @Override
  public String kubeconfig() {
    try (KubernetesClient admin = kube.client()) {
      String token =
          admin
              .serviceAccounts()
              .inNamespace(namespace)
              .withName(account)
              .tokenRequest(
                  new TokenRequestBuilder()
                      .withNewSpec()
                      .withExpirationSeconds(3600L)
                      .endSpec()
                      .build())
              .getStatus()
              .getToken();
      return kube.kubeconfig().replaceFirst("token: \"[^\"]*\"", "token: \"" + token + "\"");
    }
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
