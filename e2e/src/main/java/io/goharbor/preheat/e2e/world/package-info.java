/**
 * A small world to run the operator in, and the scenario that the demo and the tests play in it.
 */
@NullMarked
package io.goharbor.preheat.e2e.world;

import org.jspecify.annotations.NullMarked;
