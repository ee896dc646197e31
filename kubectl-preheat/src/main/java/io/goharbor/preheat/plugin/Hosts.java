package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.HarborRegistry;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/** Which HarborRegistry an image reference belongs to. */
final class Hosts {
  private Hosts() {}

  /** Host, and port if it is not that of the scheme, that references to this registry name. */
  static String of(HarborRegistry registry) {
    return of(registry.getSpec().pullUrl());
  }

  private static String of(String url) {
    URI uri = URI.create(url);
    String host = DisplayText.orEmpty(uri.getHost()).toLowerCase(Locale.ROOT);
    boolean usual =
        uri.getPort() < 0
            || (uri.getPort() == 443 && "https".equals(uri.getScheme()))
            || (uri.getPort() == 80 && "http".equals(uri.getScheme()));
    return usual ? host : host + ":" + uri.getPort();
  }

  /** The one registry of this host, or a sentence that says what there is. */
  static HarborRegistry only(List<HarborRegistry> all, String host, String namespace)
      throws PluginFailure {
    List<HarborRegistry> fitting = all.stream().filter(one -> of(one).equals(host)).toList();
    if (fitting.size() == 1) {
      return fitting.getFirst();
    }
    if (fitting.isEmpty()) {
      throw PluginFailure.nothing(
          "no HarborRegistry in namespace "
              + namespace
              + " is for "
              + host
              + Found.among(
                  all.stream().map(one -> name(one) + " for " + of(one)).sorted().toList()));
    }
    throw PluginFailure.usage(
        "several HarborRegistries are for "
            + host
            + ": choose one with --registry"
            + Found.among(fitting.stream().map(Hosts::name).sorted().toList()));
  }

  private static String name(HarborRegistry registry) {
    return registry.getMetadata().getName();
  }
}
