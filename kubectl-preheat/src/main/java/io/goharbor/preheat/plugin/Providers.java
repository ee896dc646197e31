package io.goharbor.preheat.plugin;

import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.provider.ProviderAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which providers a run without a policy goes to. */
final class Providers {
  private Providers() {}

  /** Those that were named, as NAME or NAMESPACE/NAME. */
  static List<ProviderRef> named(List<String> names) throws PluginFailure {
    List<ProviderRef> refs = new ArrayList<>();
    for (String name : names) {
      int slash = name.indexOf('/');
      ProviderRef ref =
          new ProviderRef(name.substring(slash + 1), slash < 0 ? null : name.substring(0, slash));
      if (!ref.name().matches(Patterns.OBJECT_NAME)
          || (ref.namespace() != null && !ref.namespace().matches(Patterns.NAMESPACE))) {
        throw PluginFailure.usage(
            "--provider: '" + name + "' is neither NAME nor NAMESPACE/NAME of a P2PProvider");
      }
      refs.add(ref);
    }
    return refs;
  }

  /** The only one of the namespace, else the only one that the namespace may use. */
  static ProviderRef only(Cluster cluster) throws PluginFailure {
    String home = cluster.namespace();
    List<P2PProvider> here = cluster.list(P2PProvider.class, home);
    if (here.size() == 1) {
      return new ProviderRef(here.getFirst().getMetadata().getName(), null);
    }
    if (here.isEmpty()) {
      List<P2PProvider> usable = usable(cluster, home);
      if (usable.size() == 1) {
        P2PProvider one = usable.getFirst();
        return new ProviderRef(one.getMetadata().getName(), one.getMetadata().getNamespace());
      }
      here = usable;
    }
    if (here.isEmpty()) {
      throw PluginFailure.nothing(
          "there is no P2PProvider in namespace "
              + home
              + ", and none that it may use elsewhere was found; name one with --provider");
    }
    throw PluginFailure.usage(
        "there are several providers: choose with --provider, once for each"
            + Found.among(
                here.stream()
                    .map(one ->
                        DisplayText.name(
                            one.getMetadata().getNamespace(), one.getMetadata().getName(), home))
                    .sorted()
                    .toList()));
  }

  private static List<P2PProvider> usable(Cluster cluster, String home) throws PluginFailure {
    List<P2PProvider> all;
    Map<String, String> labels;
    try {
      all = cluster.list(P2PProvider.class, null);
      labels = cluster.namespaceLabels();
    } catch (PluginFailure e) {
      if (e.exitCode() == ExitCode.FORBIDDEN) {
        return List.of();
      }
      throw e;
    }
    return all.stream().filter(one -> ProviderAccess.allows(one, home, () -> labels)).toList();
  }
}
