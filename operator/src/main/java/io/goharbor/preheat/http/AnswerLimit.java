package io.goharbor.preheat.http;

import java.time.Duration;

/**
 * How much of an answer is read, and how long a call may take, by what the answer is for. What an
 * answer keeps of the heap is bounded besides, by {@link HttpLimits#answerMemory}.
 *
 * @param what what is asked for, for messages
 * @param bytes the longest body, after it was unpacked
 * @param tokens the most values, names and brackets of JSON
 * @param depth the deepest nesting of JSON
 * @param total the time of the whole call: waiting for its turn, connecting, and reading the answer
 *     to its end
 */
public record AnswerLimit(String what, int bytes, int tokens, int depth, Duration total) {
  /** The time that a probe has in all, whatever its settings say. */
  public static final Duration PROBE_TIME = Duration.ofSeconds(10);

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /** Whether a system is there, and what it is. */
  public static final AnswerLimit PROBE = new AnswerLimit("probe", 64 * KIB, 4_000, 16, PROBE_TIME);

  /** A token. */
  public static final AnswerLimit TOKEN =
      new AnswerLimit("token", 64 * KIB, 4_000, 16, Duration.ofSeconds(30));

  /** The answer to a request that changes something. */
  public static final AnswerLimit RECEIPT =
      new AnswerLimit("receipt", 64 * KIB, 4_000, 16, Duration.ofSeconds(60));

  /** One object of an API. */
  public static final AnswerLimit OBJECT =
      new AnswerLimit("description", MIB, 60_000, 32, Duration.ofSeconds(60));

  /** A manifest: registries take 4 MiB at most, as the OCI distribution specification wants. */
  public static final AnswerLimit MANIFEST =
      new AnswerLimit("manifest", 4 * MIB, 150_000, 32, Duration.ofSeconds(60));

  /** A page of up to a hundred objects. */
  public static final AnswerLimit PAGE =
      new AnswerLimit("page", 4 * MIB, 300_000, 32, Duration.ofSeconds(60));

  /** The same with another time, which is not longer than the given one. */
  public AnswerLimit within(Duration time) {
    return new AnswerLimit(what, bytes, tokens, depth, time.compareTo(total) < 0 ? time : total);
  }

  /** The same for a call that takes as long as it is told to. */
  public AnswerLimit taking(Duration time) {
    return new AnswerLimit(what, bytes, tokens, depth, time);
  }
}
