package io.goharbor.preheat.registry;

import io.goharbor.preheat.kube.ObjectKey;

/** Paths of the webhook server. */
public final class WebhookPaths {
  /** What all paths begin with. */
  public static final String PREFIX = "/hooks/";

  private WebhookPaths() {}

  /** The path of a registry. */
  public static String of(ObjectKey registry) {
    return PREFIX + registry.namespace() + "/" + registry.name();
  }
}
