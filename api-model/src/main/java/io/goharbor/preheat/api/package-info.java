/**
 * The custom resources of group {@code preheat.goharbor.io}: the source of truth for the CRDs and
 * for the reference pages. Descriptions here are what {@code kubectl explain} prints.
 */
@NullMarked
package io.goharbor.preheat.api;

import org.jspecify.annotations.NullMarked;
