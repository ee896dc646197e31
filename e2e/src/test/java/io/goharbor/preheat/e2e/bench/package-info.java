@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.bench;
