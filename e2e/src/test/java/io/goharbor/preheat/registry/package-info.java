/** The catch-up sweep against a Harbor and an API server, without the rest of the operator. */
@NullMarked
package io.goharbor.preheat.registry;

import org.jspecify.annotations.NullMarked;
