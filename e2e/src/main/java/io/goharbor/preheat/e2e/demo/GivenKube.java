package io.goharbor.preheat.e2e.demo;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.e2e.kube.Kube;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A cluster that the user has. */
final class GivenKube implements Kube {
  private final Path kubeconfig;

  GivenKube(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  @Override
  public String describe() {
    return "the cluster of " + kubeconfig;
  }

  @Override
  public String kubeconfig() {
    try {
      return Files.readString(kubeconfig);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig()))
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }

  @Override
  public void close() {}
}
