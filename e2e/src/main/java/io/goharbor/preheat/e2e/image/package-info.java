/** Builds the operator's image without a container engine. */
@NullMarked
package io.goharbor.preheat.e2e.image;

import org.jspecify.annotations.NullMarked;
