/** Policies: valid or not, their schedules, their history. */
@NullMarked
package io.goharbor.preheat.policy;

import org.jspecify.annotations.NullMarked;
