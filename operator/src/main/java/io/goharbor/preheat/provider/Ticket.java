package io.goharbor.preheat.provider;

/**
 * A task as its lane knows it.
 *
 * @param key unique over all executions
 * @param work what is to be done: digest and target. Two tickets of equal work are one job
 */
public record Ticket(String key, String work) {}
