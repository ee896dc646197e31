package io.goharbor.preheat.provider;

import java.time.Duration;

/**
 * How a lane stands.
 *
 * @param usable whether tasks may start
 * @param suspended whether a person holds it
 * @param circuitOpen whether failed calls hold it until the next probe or try
 * @param places tasks that may be in flight at present: fewer than configured after an outage
 * @param running tasks that hold a place
 * @param queued tasks that wait for one
 * @param oldestWaiting how long the execution that has waited longest has had tasks waiting; zero
 *     when none waits
 */
public record LaneState(
    boolean usable,
    boolean suspended,
    boolean circuitOpen,
    int places,
    int running,
    int queued,
    Duration oldestWaiting) {}
