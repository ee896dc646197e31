/**
 * From a request to tasks: which artifacts a run is about, resolved to the digests of the wanted
 * platforms, and split when they are too many for one object. Pure after what it looks up.
 */
@NullMarked
package io.goharbor.preheat.plan;

import org.jspecify.annotations.NullMarked;
