package io.goharbor.preheat.e2e.kube;

import io.fabric8.kubernetes.client.KubernetesClient;

/** A Kubernetes API to run the operator against. */
public interface Kube extends AutoCloseable {
  /** What it is, for people. */
  String describe();

  /** A kubeconfig for kubectl and for the operator. */
  String kubeconfig();

  /** A client with all rights; the caller closes it. */
  KubernetesClient client();

  @Override
  void close();
}
