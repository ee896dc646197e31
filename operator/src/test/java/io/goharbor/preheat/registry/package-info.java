/** The sweep's decisions. */
@NullMarked
package io.goharbor.preheat.registry;

import org.jspecify.annotations.NullMarked;
