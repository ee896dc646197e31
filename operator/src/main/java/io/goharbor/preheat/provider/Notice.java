package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Something that people should know of a usable provider; becomes a condition of it.
 *
 * @param condition type of the condition
 * @param status null: not known; what was known of the same spec before then still stands
 */
public record Notice(String condition, @Nullable Boolean status, Reason reason, String message) {}
