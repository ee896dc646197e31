/** A simulated Dragonfly Manager with its schedulers and peers. */
@NullMarked
package io.goharbor.preheat.e2e.sim.dragonfly;

import org.jspecify.annotations.NullMarked;
