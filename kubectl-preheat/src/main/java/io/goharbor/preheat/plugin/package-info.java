/** The kubectl plugin: commands over the Kubernetes API, and what they print. */
@NullMarked
package io.goharbor.preheat.plugin;

import org.jspecify.annotations.NullMarked;
