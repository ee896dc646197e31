package io.goharbor.preheat.server;

import java.util.OptionalLong;

/**
 * Where a connection stands. Times are those of {@link System#nanoTime}.
 *
 * @param known whether it has shown who it is; a stranger otherwise
 * @param since when the phase began
 * @param firstByte when the first byte of the request that is arriving came; empty: none has
 */
record ConnectionState(
    ClientAddress address, Phase phase, boolean known, long since, OptionalLong firstByte) {
  /** What is waited for. */
  enum Phase {
    /** For a whole header: of the first request, with the TLS handshake before it, or the next. */
    HEADER,
    /** For the body. */
    BODY,
    /** For the answer to be made and read. */
    ANSWER
  }

  static ConnectionState opened(ClientAddress address, long now) {
    return new ConnectionState(address, Phase.HEADER, false, now, OptionalLong.empty());
  }

  /** Bytes came. */
  ConnectionState bytes(long now) {
    return phase == Phase.HEADER && firstByte.isEmpty()
        ? new ConnectionState(address, phase, known, since, OptionalLong.of(now))
        : this;
  }

  /** A header is complete. */
  ConnectionState header(long now) {
    return new ConnectionState(
        address, Phase.BODY, known, now, OptionalLong.of(firstByte.orElse(now)));
  }

  /** The caller has shown who he is. */
  ConnectionState recognised() {
    return new ConnectionState(address, phase, true, since, firstByte);
  }

  /** Nothing more is read of the request. */
  ConnectionState answering(long now) {
    return phase == Phase.BODY
        ? new ConnectionState(address, Phase.ANSWER, known, now, OptionalLong.empty())
        : this;
  }

  /** The answer is written. */
  ConnectionState answered(long now) {
    return new ConnectionState(address, Phase.HEADER, known, now, OptionalLong.empty());
  }

  /** Whether it has had its time; what is sent meanwhile gives it no more. */
  boolean late(ListenerLimits limits, long now) {
    return switch (phase) {
      case HEADER ->
          (firstByte.isPresent() || !known)
              ? now - (known ? firstByte.getAsLong() : since) > limits.request().toNanos()
              : now - since > limits.idle().toNanos();
      case BODY -> now - firstByte.orElse(since) > limits.request().toNanos();
      case ANSWER -> now - since > limits.answer().toNanos();
    };
  }

  /**
   * Whether it is not late where something lies unread: it waits for us then. A header that has
   * begun and does not end is no such case, for a stranger could send on and on.
   */
  boolean mayWaitForUs() {
    return silent() || phase == Phase.BODY;
  }

  private boolean silent() {
    return phase == Phase.HEADER && firstByte.isEmpty();
  }

  /** A stranger who sends nothing that could be answered. */
  boolean waitingStranger() {
    return phase == Phase.HEADER && !known;
  }

  /** Known, and between two requests. */
  boolean idle() {
    return known && silent();
  }
}
