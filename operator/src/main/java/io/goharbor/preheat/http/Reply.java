package io.goharbor.preheat.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import okhttp3.Headers;

/** An answer, read to its end. */
public record Reply(int status, Headers headers, byte[] body) {
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
      return RemoteSystem.JSON.readTree(body);
    } catch (IOException e) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          status,
          "the answer is not JSON: " + Failures.excerpt(text()),
          null,
          true,
          null);
    }
  }

  @Override
  public String toString() {
    return "Reply[status=" + status + ", bytes=" + body.length + "]";
  }
}
