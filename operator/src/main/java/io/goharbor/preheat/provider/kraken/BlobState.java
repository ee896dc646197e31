package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;

/** What a look at one blob showed. */
sealed interface BlobState {
  /**
   * Every owner holds it.
   *
   * @param owners how many these are
   */
  record Held(int owners) implements BlobState {}

  /**
   * At least one owner lacks it, and was asked to fetch it.
   *
   * @param partly whether another owner holds it already
   */
  record Missing(boolean partly) implements BlobState {}

  /** It cannot be fetched, as an owner said. */
  record Failed(Reason reason, String message) implements BlobState {}

  /** At least one owner could not be asked. */
  record NoAnswer(Reason reason, String message) implements BlobState {}
}
