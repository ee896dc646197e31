/** Generates the CRDs and the reference pages, and fails when the checked-in files differ. */
@NullMarked
package io.goharbor.preheat.crds;

import org.jspecify.annotations.NullMarked;
