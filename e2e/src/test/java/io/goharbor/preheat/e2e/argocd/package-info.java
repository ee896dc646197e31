/** The gate of Argo CD: its health checks, tried out on given objects and on a whole run. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.argocd;
