/** What a status says of a run: counts, estimate, conditions and how it ended. */
@NullMarked
package io.goharbor.preheat.execution.report;

import org.jspecify.annotations.NullMarked;
