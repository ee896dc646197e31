package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.PreheatExecution;
import java.util.List;

/** Looks objects up by name; a name that is not there is answered with those that are. */
final class Found {
  private static final int MOST = 12;

  private Found() {}

  static PreheatExecution execution(Cluster cluster, String name) throws PluginFailure {
    return object(cluster, PreheatExecution.class, "execution", name);
  }

  static <T extends HasMetadata> T object(Cluster cluster, Class<T> kind, String word, String name)
      throws PluginFailure {
    var found = cluster.find(kind, name);
    if (found.isPresent()) {
      return found.get();
    }
    List<String> there =
        cluster.list(kind, cluster.namespace()).stream()
            .map(object -> object.getMetadata().getName())
            .sorted()
            .toList();
    throw PluginFailure.nothing(
        "there is no "
            + word
            + " '"
            + name
            + "' in namespace "
            + cluster.namespace()
            + among(there));
  }

  /** What there is to choose from, as the end of a sentence. */
  static String among(List<String> names) {
    if (names.isEmpty()) {
      return "; there is none at all";
    }
    String first = String.join(", ", names.subList(0, Math.min(MOST, names.size())));
    return (names.size() == 1 ? "; there is " : "; there are ")
        + first
        + (names.size() > MOST ? " and " + (names.size() - MOST) + " more" : "");
  }
}
