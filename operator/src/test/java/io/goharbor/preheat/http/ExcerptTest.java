package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;

/** What may be shown of an answer from a URL that anybody chose. */
class ExcerptTest {
  @Test
  void messages_of_errors_are_shown() {
    assertThat(shown("application/json", "{\"errors\":[{\"code\":\"A\",\"message\":\"b\"}]}"))
        .isEqualTo("A b");
    assertThat(shown("application/json", "{\"errors\":\"of Dragonfly\"}"))
        .isEqualTo("of Dragonfly");
    assertThat(shown("application/json", "{\"message\":\"m\\u001b[2J\"}")).isEqualTo("m\ufffd[2J");
    assertThat(shown("text/plain", "too many\nrequests")).isEqualTo("too many requests");
  }

  @Test
  void pages_and_documents_are_not() {
    assertThat(shown("text/html", "<html>token=1</html>")).isEqualTo("an HTML page");
    assertThat(shown("text/plain", " <!doctype html>")).isEqualTo("an HTML page");
    assertThat(shown("application/json", "{\"token\":\"t\",\"message\":{\"a\":\"b\"}}")).isEmpty();
    assertThat(shown("application/xml", "data")).isEmpty();
    assertThat(shown("application/octet-stream", "data")).isEmpty();
  }

  @Test
  void a_long_message_keeps_whole_words_of_both_ends() {
    String message =
        "stat: head blob: HEAD http://harbor/v2/shop/web/blobs/sha256:684e2ca0a10fe33a0bb3952aabb5"
            + " answered: 401 Unauthorized";
    assertThat(shown("text/plain", message))
        .isEqualTo("stat: head blob: HEAD…answered: 401 Unauthorized");
    assertThat(shown("text/plain", "x".repeat(5000))).isEqualTo("…");
    assertThat(shown("text/plain", "a b ".repeat(5000))).hasSizeLessThanOrEqualTo(80);
  }

  private static String shown(String type, String body) {
    return Excerpt.shown(
        new Reply(
            "x, GET /",
            500,
            Headers.of("Content-Type", type),
            body.getBytes(StandardCharsets.UTF_8)));
  }
}
