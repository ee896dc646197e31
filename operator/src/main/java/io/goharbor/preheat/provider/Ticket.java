package io.goharbor.preheat.provider;

/**
 * A task as its lane knows it.
 *
 * @param key unique over all executions
 * @param work what is to be done; two tickets of equal work are one job
 * @param retry whether the work was sent before, and failed
 */
public record Ticket(String key, DedupKey work, boolean retry) {
  /** A ticket of work that is sent for the first time. */
  public Ticket(String key, DedupKey work) {
    this(key, work, false);
  }
}
