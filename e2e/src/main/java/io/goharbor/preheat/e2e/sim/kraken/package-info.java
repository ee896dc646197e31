/** A Kraken cluster: its proxy's own server and its origins, after uber/kraken's source. */
@NullMarked
package io.goharbor.preheat.e2e.sim.kraken;

import org.jspecify.annotations.NullMarked;
