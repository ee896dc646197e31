/** The program: configuration, wiring, leader election, health, metrics, start and stop. */
@NullMarked
package io.goharbor.preheat.runtime;

import org.jspecify.annotations.NullMarked;
