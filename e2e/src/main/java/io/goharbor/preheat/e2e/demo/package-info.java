/** The demo: the scenario, played for a person or unattended. */
@org.jspecify.annotations.NullMarked
package io.goharbor.preheat.e2e.demo;
