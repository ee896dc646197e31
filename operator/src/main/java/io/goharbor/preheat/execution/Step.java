package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.TaskStatus;
import java.time.Duration;
import java.util.List;

/**
 * The outcome of looking at all tasks of an execution.
 *
 * @param tasks as they are to be written
 * @param toSend tasks that were just admitted: to be sent once they are written
 * @param toResume tasks of unknown submission: to be looked for
 * @param toFollow tasks whose job nobody follows, after a restart
 * @param toRelease tasks that ended without their lane's doing
 * @param next when to look again if nothing wakes the execution before
 */
record Step(
    List<TaskStatus> tasks,
    List<TaskStatus> toSend,
    List<TaskStatus> toResume,
    List<TaskStatus> toFollow,
    List<TaskStatus> toRelease,
    Duration next) {}
