package io.goharbor.preheat.e2e.sim;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a simulator answers.
 *
 * @param status 0: no answer at all, the connection is closed
 */
public record Answer(int status, Map<String, String> headers, byte[] body) {
  /** An empty answer. */
  public static Answer status(int status) {
    return new Answer(status, Map.of(), new byte[0]);
  }

  /** No answer: the connection is closed, as by a server whose handler crashed. */
  public static Answer none() {
    return status(0);
  }

  /** An answer of JSON. */
  public static Answer json(int status, Object value) {
    try {
      return new Answer(
          status,
          Map.of("Content-Type", "application/json; charset=utf-8"),
          Ask.JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** An answer of plain text. */
  public static Answer text(int status, String text) {
    return new Answer(
        status,
        Map.of("Content-Type", "text/plain; charset=utf-8"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with one more header. */
  public Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, body);
  }
}
