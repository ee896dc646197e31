package io.goharbor.preheat.http;

/**
 * A tag for requests: text in the body that must not come back in a message, should the server
 * quote it.
 */
public record HiddenText(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
