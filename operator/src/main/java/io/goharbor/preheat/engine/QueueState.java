package io.goharbor.preheat.engine;

import java.time.Duration;

/**
 * How the queue of a provider stands.
 *
 * @param usable whether tasks may start
 * @param suspended whether a person holds it
 * @param circuitOpen whether failed calls hold it until the next probe or try
 * @param slots tasks that may be in flight at present: fewer than configured after an outage, until
 *     some have started
 * @param running tasks that have a slot
 * @param queued tasks that wait for one
 * @param oldestWaiting how long the execution that has waited longest has had tasks waiting; zero
 *     when none waits
 */
public record QueueState(
    boolean usable,
    boolean suspended,
    boolean circuitOpen,
    int slots,
    int running,
    int queued,
    Duration oldestWaiting) {}
