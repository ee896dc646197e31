/** Simulators, an embedded Kubernetes API, the demo and the benchmarks. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e;
