package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ResourceStore;

/** What executions refer to, and they themselves. */
public record ExecutionStores(
    ResourceStore<PreheatPolicy> policies,
    ResourceStore<HarborRegistry> registries,
    ResourceStore<P2PProvider> providers,
    ResourceStore<PreheatExecution> executions,
    NamespaceLabels namespaces) {}
