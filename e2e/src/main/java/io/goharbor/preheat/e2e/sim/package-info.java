/**
 * Simulators of the outside systems: small HTTP servers that speak the real wire formats, validate
 * what they are sent as strictly as the real ones do, can be made to fail, and keep a log of what
 * they were asked.
 */
@NullMarked
package io.goharbor.preheat.e2e.sim;

import org.jspecify.annotations.NullMarked;
