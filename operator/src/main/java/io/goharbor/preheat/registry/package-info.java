/**
 * Harbor registries: reachability, webhook registration, and the sweep that finds what was missed.
 */
@NullMarked
package io.goharbor.preheat.registry;

import org.jspecify.annotations.NullMarked;
