/** What the documentation says is tried out. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.docs;
