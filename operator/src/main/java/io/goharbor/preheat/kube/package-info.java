/**
 * What the operator reads and writes in Kubernetes beside the status of its own resources: Secrets,
 * Events, conditions, and who waits for what.
 */
@NullMarked
package io.goharbor.preheat.kube;

import org.jspecify.annotations.NullMarked;
