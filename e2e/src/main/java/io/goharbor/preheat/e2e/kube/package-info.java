/**
 * An embedded Kubernetes API for the demo and the tests: resources, watches, server-side apply,
 * status subresources, and custom resources validated by the schemas and CEL rules of their CRDs. A
 * real API server stays the judge; docs/adr/0002-embedded-api.md says where this one differs.
 */
@NullMarked
package io.goharbor.preheat.e2e.kube;

import org.jspecify.annotations.NullMarked;
