package io.goharbor.preheat.http;

import java.nio.charset.StandardCharsets;
import okhttp3.Headers;

/**
 * An answer whose body hardly matters.
 *
 * @param to what was asked whom, for messages, such as {@code Harbor default/main, GET /v2/}
 * @param body the first 64 KiB of the body
 */
public record Reply(String to, int status, Headers headers, byte[] body) {
  /** Whether the status is 2xx. */
  public boolean successful() {
    return status >= 200 && status < 300;
  }

  /** The body as text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The few words of an error that may be shown to the one whose URL it is; may be empty. */
  public String shown() {
    return Excerpt.shown(this);
  }

  @Override
  public String toString() {
    return "Reply[" + to + ", status=" + status + ", bytes=" + body.length + "]";
  }
}
