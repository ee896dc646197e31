package io.goharbor.preheat.provider;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces;
import java.util.Map;
import java.util.function.Supplier;

/** Whether a namespace may use a provider. */
public final class ProviderAccess {
  private ProviderAccess() {}

  /**
   * Decides.
   *
   * @param labels labels of the asking namespace; only asked for when they matter
   */
  public static boolean allows(
      P2PProvider provider, String namespace, Supplier<Map<String, String>> labels) {
    if (namespace.equals(provider.getMetadata().getNamespace())) {
      return true;
    }
    AllowedNamespaces allowed = provider.getSpec().allowedNamespaces();
    if (allowed == null) {
      return false;
    }
    return switch (allowed.from()) {
      case SAME -> false;
      case ALL -> true;
      case SELECTOR -> allowed.selector() != null && matches(allowed.selector(), labels.get());
    };
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
