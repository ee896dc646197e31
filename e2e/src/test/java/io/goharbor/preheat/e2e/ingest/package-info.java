/** The webhook server of a running operator. */
@NullMarked
package io.goharbor.preheat.e2e.ingest;

import org.jspecify.annotations.NullMarked;
