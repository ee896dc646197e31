package io.goharbor.preheat.e2e.docs;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands that no test can run, with the reason. What is not in this list must be tried. */
final class Foreign {
  /** By how the command begins. */
  static final Map<List<String>, String> REASONS =
      Map.ofEntries(
          Map.entry(List.of("kind"), "makes a cluster of containers: needs a container engine"),
          Map.entry(List.of("docker"), "needs a container engine"),
          Map.entry(List.of("argocd"), "needs Argo CD's own program"),
          Map.entry(List.of("operator-sdk"), "needs the Operator SDK and a cluster with OLM"),
          Map.entry(List.of("curl"), "calls a server that is reached by a port-forward only"),
          Map.entry(List.of("helm", "repo"), "fetches an index from the web"),
          Map.entry(List.of("helm", "install", "harbor"), "Harbor's own chart, from the web"),
          Map.entry(List.of("helm", "install", "dragonfly"), "Dragonfly's own chart, from the web"),
          Map.entry(List.of("helm", "install", "kraken"), "Kraken's own chart, from its sources"),
          Map.entry(List.of("kubectl", "logs"), "needs pods"),
          Map.entry(List.of("kubectl", "run"), "needs nodes"),
          Map.entry(List.of("kubectl", "auth"), "the embedded API allows everything to everybody"),
          Map.entry(List.of("kubectl", "port-forward"), "needs pods"),
          Map.entry(List.of("kubectl", "rollout"), "needs a controller that rolls out"));

  private Foreign() {}

  static Optional<String> reason(List<String> words) {
    return entry(words).map(Map.Entry::getValue);
  }

  static Optional<Map.Entry<List<String>, String>> entry(List<String> words) {
    return REASONS.entrySet().stream()
        .filter(entry ->
            words.size() >= entry.getKey().size()
                && words.subList(0, entry.getKey().size()).equals(entry.getKey()))
        .findFirst();
  }
}
