/** A simulated Harbor: REST subset, token service, registry, webhook jobs. */
@NullMarked
package io.goharbor.preheat.e2e.sim.harbor;

import org.jspecify.annotations.NullMarked;
