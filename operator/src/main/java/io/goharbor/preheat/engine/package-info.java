/**
 * Brings tasks to providers: a queue for the slots of each, a dispatcher that does operations, a
 * poller that follows jobs, and what is known of its health. It knows tasks by key and as values.
 * Executions state at every reconcile what they want and what is in flight; what is not stated is
 * dropped, so nothing is ever given back.
 */
@NullMarked
package io.goharbor.preheat.engine;

import org.jspecify.annotations.NullMarked;
