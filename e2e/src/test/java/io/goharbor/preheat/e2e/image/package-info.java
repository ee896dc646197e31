/** The operator's image. */
@NullMarked
package io.goharbor.preheat.e2e.image;

import org.jspecify.annotations.NullMarked;
