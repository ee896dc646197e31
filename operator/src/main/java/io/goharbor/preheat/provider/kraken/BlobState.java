package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.Map;

/** What a look at one blob showed. */
sealed interface BlobState {
  /**
   * Every owner holds it.
   *
   * @param owners how many these are
   */
  record Held(int owners) implements BlobState {}

  /**
   * At least one owner lacks it; it was asked to fetch it, unless another job did.
   *
   * @param partly whether another owner holds it already
   */
  record Missing(boolean partly) implements BlobState {}

  /**
   * It cannot be fetched, as an owner said.
   *
   * @param byNamespace what it said to each namespace under which the blob was wanted
   */
  record Failed(Map<String, RemoteCallException> byNamespace) implements BlobState {}

  /** At least one owner could not be asked. */
  record NoAnswer(Reason reason, String message) implements BlobState {}
}
