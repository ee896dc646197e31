/** Kraken's driver, as far as it needs no Kraken. */
@NullMarked
package io.goharbor.preheat.provider.kraken;

import org.jspecify.annotations.NullMarked;
