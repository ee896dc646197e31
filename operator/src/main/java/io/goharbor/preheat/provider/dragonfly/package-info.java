/** The driver for Dragonfly, through its Manager's Open API. */
@NullMarked
package io.goharbor.preheat.provider.dragonfly;

import org.jspecify.annotations.NullMarked;
