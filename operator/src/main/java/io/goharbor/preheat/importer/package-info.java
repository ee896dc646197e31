/** Harbor's own preheat instances and policies, translated to our kinds and printed as YAML. */
@NullMarked
package io.goharbor.preheat.importer;

import org.jspecify.annotations.NullMarked;
