/** Tests of the webhook server that need no Kubernetes. */
@NullMarked
package io.goharbor.preheat.ingest;

import org.jspecify.annotations.NullMarked;
