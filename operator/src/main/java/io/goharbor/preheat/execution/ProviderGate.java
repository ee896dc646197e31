package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces.Terms;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.provider.ProviderAccess;
import java.util.Optional;

/** Whether executions of a namespace may use a provider for what they do. */
@FunctionalInterface
interface ProviderGate {
  /** Why not. */
  record Closed(Reason reason, String message) {}

  /** What is in the way; empty: nothing. */
  Optional<Closed> check(ObjectKey provider, String namespace, Operation operation);

  /** A gate that goes by what is there and whom it allows. */
  static ProviderGate of(ResourceStore<P2PProvider> providers, NamespaceLabels namespaces) {
    return (key, namespace, operation) -> {
      Optional<P2PProvider> provider = providers.find(key);
      if (provider.isEmpty()) {
        return Optional.of(
            new Closed(
                Reason.PROVIDER_NOT_FOUND,
                "P2PProvider " + key.name() + " does not exist in namespace " + key.namespace()));
      }
      Optional<Terms> terms =
          ProviderAccess.terms(provider.get(), namespace, () -> namespaces.of(namespace));
      if (terms.isEmpty()) {
        return Optional.of(
            new Closed(
                Reason.PROVIDER_NOT_ALLOWED,
                "P2PProvider "
                    + key
                    + " does not allow namespace "
                    + namespace
                    + "; extend its spec.allowedNamespaces"));
      }
      return terms.get().operations().contains(operation)
          ? Optional.empty()
          : Optional.of(
              new Closed(
                  Reason.OPERATION_NOT_ALLOWED,
                  "P2PProvider "
                      + key
                      + " does not allow namespace "
                      + namespace
                      + " the operation "
                      + operation
                      + "; its owner can add it to spec.allowedNamespaces.operations, or to a"
                      + " grant of this namespace"));
    };
  }
}
