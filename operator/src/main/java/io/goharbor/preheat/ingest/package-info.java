/** The webhook server: authenticate, decode, match, commit, answer. Served on every replica. */
@NullMarked
package io.goharbor.preheat.ingest;

import org.jspecify.annotations.NullMarked;
