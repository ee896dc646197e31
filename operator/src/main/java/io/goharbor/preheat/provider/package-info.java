/**
 * The door to P2P systems: the driver interface, what drivers can do, and the lane that keeps each
 * provider's concurrency, rate and health. Drivers are found by {@link java.util.ServiceLoader}.
 */
@NullMarked
package io.goharbor.preheat.provider;

import org.jspecify.annotations.NullMarked;
