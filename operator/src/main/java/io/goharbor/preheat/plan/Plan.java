package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.TaskStatus;
import java.util.List;

/**
 * What a run is to do.
 *
 * @param artifacts number of selected artifacts
 * @param missing artifacts that the execution names and that cannot be preheated: then the run
 *     cannot succeed in full
 */
public record Plan(
    int artifacts, List<TaskStatus> tasks, List<SkippedReason> skipped, int missing) {}
