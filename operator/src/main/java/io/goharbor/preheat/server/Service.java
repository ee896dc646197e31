package io.goharbor.preheat.server;

import java.io.IOException;
import java.util.concurrent.Executor;

/** Answers requests. */
public interface Service {
  /**
   * Answers one.
   *
   * @throws IOException when the body cannot be read to its end
   */
  Reply answer(Exchange exchange) throws IOException;

  /** An answer of the given status with a sentence, in the form that this service has. */
  Reply error(int status, String sentence);

  /** Where an answer is made; here, on the thread that read the header. */
  default Executor threads(Exchange exchange) {
    return Runnable::run;
  }

  /** Counts an answer, by its status. */
  default void answered(int status) {}

  /** Counts a connection that was closed before its time. */
  default void dropped(Dropped why) {}
}
