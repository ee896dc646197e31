/** The drivers for Dragonfly: through its Manager's Open API, and through its legacy preheats. */
@NullMarked
package io.goharbor.preheat.provider.dragonfly;

import org.jspecify.annotations.NullMarked;
