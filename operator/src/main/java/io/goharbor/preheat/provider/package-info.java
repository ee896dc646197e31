/**
 * The door to P2P systems: the driver interface, and what drivers can do. Drivers are found by
 * {@link java.util.ServiceLoader}.
 */
@NullMarked
package io.goharbor.preheat.provider;

import org.jspecify.annotations.NullMarked;
