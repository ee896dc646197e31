/**
 * Pure decisions: which artifacts a policy selects, and why not. Knows neither HTTP nor Kubernetes.
 */
@NullMarked
package io.goharbor.preheat.matching;

import org.jspecify.annotations.NullMarked;
