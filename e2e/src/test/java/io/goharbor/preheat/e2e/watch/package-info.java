/** Metrics, dashboard, alerts and logs: what is documented and asked for is what there is. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.watch;
