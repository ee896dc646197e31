/** Tests of what is more than data in the model. */
@NullMarked
package io.goharbor.preheat.api;

import org.jspecify.annotations.NullMarked;
