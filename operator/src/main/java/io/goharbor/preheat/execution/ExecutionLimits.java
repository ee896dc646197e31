package io.goharbor.preheat.execution;

import io.goharbor.preheat.kube.RemoteWork;

/**
 * How much is done for executions.
 *
 * @param runsOfNamespace unfinished runs of a namespace that are worked on, the oldest first
 * @param registriesOfNamespace registries of a namespace that are used, the oldest first
 * @param remote runs that are planned at the same time
 */
public record ExecutionLimits(
    int runsOfNamespace, int registriesOfNamespace, RemoteWork.Limits remote) {}
