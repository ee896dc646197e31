package io.goharbor.preheat.provider;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces.Terms;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether a namespace may use a provider, and for what. */
public final class ProviderAccess {
  private ProviderAccess() {}

  /**
   * Decides.
   *
   * @param labels labels of the asking namespace; only asked for when they matter
   */
  public static boolean allows(
      P2PProvider provider, String namespace, Supplier<Map<String, String>> labels) {
    return terms(provider, namespace, labels).isPresent();
  }

  /**
   * What a namespace may do at a provider; empty: nothing.
   *
   * @param labels labels of the asking namespace; only asked for when they matter
   */
  public static Optional<Terms> terms(
      P2PProvider provider, String namespace, Supplier<Map<String, String>> labels) {
    if (namespace.equals(provider.getMetadata().getNamespace())) {
      return Optional.of(Terms.OWN);
    }
    AllowedNamespaces allowed = provider.getSpec().allowedNamespaces();
    if (allowed == null) {
      return Optional.empty();
    }
    boolean in =
        switch (allowed.from()) {
          case SAME -> false;
          case ALL -> true;
          case SELECTOR -> allowed.selector() != null && matches(allowed.selector(), labels.get());
        };
    return in ? Optional.of(allowed.terms(namespace)) : Optional.empty();
  }

  /** What priorities of a namespace count among namespaces at the most, whether it is let in. */
  public static int ceiling(ObjectKey provider, P2PProviderSpec spec, String namespace) {
    if (namespace.equals(provider.namespace())) {
      return Terms.OWN.maxPriority();
    }
    return spec.allowedNamespaces() == null
        ? 0
        : spec.allowedNamespaces().terms(namespace).maxPriority();
  }

  /** A note on a priority that counts less among namespaces than its policy says. */
  public static Optional<String> capped(int priority, int ceiling) {
    return priority <= ceiling
        ? Optional.empty()
        : Optional.of(
            "against other namespaces its priority "
                + priority
                + " counts as "
                + ceiling
                + ", the provider's allowedNamespaces.maxPriority");
  }

  private static boolean matches(LabelSelector selector, Map<String, String> labels) {
    if (selector.getMatchLabels() != null
        && !labels.entrySet().containsAll(selector.getMatchLabels().entrySet())) {
      return false;
    }
    return selector.getMatchExpressions() == null
        || selector.getMatchExpressions().stream().allMatch(rule -> matches(rule, labels));
  }

  private static boolean matches(LabelSelectorRequirement rule, Map<String, String> labels) {
    String value = labels.get(rule.getKey());
    return switch (rule.getOperator()) {
      case "In" -> value != null && rule.getValues().contains(value);
      case "NotIn" -> value == null || !rule.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
