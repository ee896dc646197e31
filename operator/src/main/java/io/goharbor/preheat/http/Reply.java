package io.goharbor.preheat.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import okhttp3.Headers;

/**
 * An answer, read to its end.
 *
 * @param to what was asked whom, for messages, such as {@code Harbor default/main, GET /v2/}
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

  /** The body as JSON; a body that is none is an {@link Reason#UNEXPECTED_ANSWER}. */
  public JsonNode json() throws RemoteCallException {
    try {
      JsonNode json = RemoteSystem.JSON.readTree(body);
      if (!json.isMissingNode()) {
        return json;
      }
    } catch (IOException notJson) {
      // Said below, without the parser's words: they quote the body.
    }
    throw new RemoteCallException(
        FailureClass.RETRY,
        Reason.UNEXPECTED_ANSWER,
        status,
        to + ": the answer of status " + status + " is not JSON" + quote(),
        null,
        true,
        null);
  }

  /** The few words of an error that may be shown to the one whose URL it is; may be empty. */
  public String shown() {
    return Excerpt.shown(this);
  }

  /** Broken JSON may hold a token or another secret; a proxy's or a login page does not. */
  private String quote() {
    String type = headers.get("Content-Type");
    if (body.length == 0) {
      return " but empty";
    }
    return type == null || type.contains("json")
        ? " (" + body.length + " bytes)"
        : " but " + DisplayText.of(type, Excerpt.SHOWN) + (shown().isEmpty() ? "" : ": " + shown());
  }

  @Override
  public String toString() {
    return "Reply[" + to + ", status=" + status + ", bytes=" + body.length + "]";
  }
}
