/** The operator. Data moves one way through its packages; see docs/architecture.md. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat;
