/** Upgrades of the definitions, and the way back. */
@NullMarked
package io.goharbor.preheat.e2e.upgrade;

import org.jspecify.annotations.NullMarked;
