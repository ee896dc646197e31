package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.TaskStatus;
import java.time.Duration;
import java.util.List;

/**
 * The outcome of looking at all tasks of an execution.
 *
 * @param tasks as they are to be written
 * @param toSubmit tasks that were just admitted: to be sent once they are written
 * @param toAdopt tasks of unknown submission: their jobs are to be searched for
 * @param toCancel tasks that were given up and have a job
 * @param freesSlots whether a task is not in flight any more, once that is written
 * @param next when to look again if nothing wakes the execution before
 */
record TaskDecision(
    List<TaskStatus> tasks,
    List<TaskStatus> toSubmit,
    List<TaskStatus> toAdopt,
    List<TaskStatus> toCancel,
    boolean freesSlots,
    Duration next) {}
