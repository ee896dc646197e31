/** The driver for Kraken: its proxy's notifications, and its origins to see what they hold. */
@NullMarked
package io.goharbor.preheat.provider.kraken;

import org.jspecify.annotations.NullMarked;
