package io.goharbor.preheat.ingest;

import java.time.Duration;

/**
 * How much the webhook takes at the same time, and how long it waits. Memory is counted roughly, in
 * bytes of heap.
 *
 * @param connections open connections
 * @param strangersPerAddress connections from one address that have not shown a valid credential
 * @param requestTimeout how long a request may take to arrive
 * @param body longest body, in bytes
 * @param bodyMemory for bodies that are read at the same time
 * @param apiTimeout how long a create may take; Harbor waits three seconds for an answer
 * @param gather how long the first event of a group waits for others
 * @param writes groups that are stored at the same time
 * @param waiting events that wait for a group
 * @param waitingMemory for events that are not stored yet
 * @param eventMemory for what tells redeliveries apart
 */
public record IngestLimits(
    int connections,
    int strangersPerAddress,
    Duration requestTimeout,
    int body,
    long bodyMemory,
    Duration apiTimeout,
    Duration gather,
    int writes,
    int waiting,
    long waitingMemory,
    long eventMemory) {
  /** What holds where nothing else is configured. */
  public static final IngestLimits DEFAULT =
      new IngestLimits(
          512,
          256,
          Duration.ofSeconds(5),
          1 << 20,
          16L << 20,
          Duration.ofSeconds(2),
          Duration.ofMillis(25),
          16,
          4096,
          32L << 20,
          24L << 20);
}
