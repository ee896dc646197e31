/** One run: plan, submit, observe, verify, report. */
@NullMarked
package io.goharbor.preheat.execution;

import org.jspecify.annotations.NullMarked;
