package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import okhttp3.Credentials;
import org.junit.jupiter.api.Test;

class RedactorTest {
  private static final String HOSTILE = "p\"w/ü+<&>\\ %\tx";

  private Instant now = Instant.parse("2026-11-20T12:00:00Z");
  private final Redactor redactor = new Redactor(() -> now);

  @Test
  void every_form_of_a_value_is_found() throws IOException {
    for (String secret :
        List.of("robot-secret-7f3a9c", "s3cret", HOSTILE, "x".repeat(7) + "yz" + "w".repeat(300))) {
      redactor.learn("a", secret);
      String json = new ObjectMapper().writeValueAsString(secret);
      String url = URLEncoder.encode(secret, StandardCharsets.UTF_8);
      for (String form :
          List.of(
              secret,
              json.substring(1, json.length() - 1),
              json.substring(1, json.length() - 1).replace("/", "\\/"),
              url,
              url.replace("+", "%20"),
              base64(secret),
              base64(secret).replace('+', '-').replace('/', '_'),
              Credentials.basic("robot$a", secret, StandardCharsets.UTF_8),
              Credentials.basic("robot$ab", secret, StandardCharsets.UTF_8),
              Credentials.basic("robot$abc", secret, StandardCharsets.UTF_8))) {
        String clean = redactor.redact("before " + form + " after");
        assertThat(clean).as(form).startsWith("before ").endsWith(" after").contains("***");
        // Of Base64 some characters at the ends hang on what stands beside it.
        assertThat(clean.length()).as(clean).isLessThan(48);
      }
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void the_beginning_of_a_long_value_is_found_and_lines_of_one_with_many() {
    redactor.learn("a", "abcdefghijklmnopqrstuvwxyz");
    assertThat(redactor.redact("cut: abcdefghijklmnopq")).isEqualTo("cut: ***");
    assertThat(redactor.redact("short: abcdefghijk")).isEqualTo("short: abcdefghijk");

    redactor.learn("a", "-----BEGIN KEY-----\nMIIEvAIBADANBgkqhkiG\nw0BAQEFAASCBKYwggSi\n-----END");
    assertThat(redactor.redact("w0BAQEFAASCBKYwggSi")).isEqualTo("***");
    assertThat(redactor.redact("-----BEGIN KEY-----")).isEqualTo("-----BEGIN KEY-----");
  }

  @Test
  void the_scheme_of_a_header_may_be_left_away() {
    redactor.learn("a", "Bearer hook-5f2a1c");
    assertThat(redactor.redact("got hook-5f2a1c")).isEqualTo("got ***");
  }

  @Test
  void words_are_not_blotted_out() {
    redactor.learn("a", "short");
    redactor.learn("a", "------");
    redactor.learn("a", "");
    assertThat(redactor.redact("short ------ text")).isEqualTo("short ------ text");
  }

  @Test
  void web_tokens_go_whoever_made_them() {
    String token = base64("{\"alg\":\"RS256\"}") + ".eyJzdWIiOiJhIn0.c2lnbmF0dXJl-_";
    assertThat(redactor.redact("{\"token\":\"" + token + "\"}")).isEqualTo("{\"token\":\"***\"}");
    assertThat(redactor.redact("eyJ is short")).isEqualTo("eyJ is short");
  }

  @Test
  void who_reads_another_namespace_learns_nothing_by_what_is_blotted_out() {
    redactor.learn("theirs", "Harbor12345");
    redactor.learn("theirs", "all words of a sentence");
    redactor.learn("theirs", "0123456789abcdef");
    assertThat(redactor.redactFor("mine", "Harbor12345; all words of a sentence; 0123456789abcdef"))
        .isEqualTo("Harbor12345; all words of a sentence; ***");
    assertThat(redactor.redactFor("theirs", "Harbor12345; 0123456789abcdef")).isEqualTo("***; ***");
    assertThat(redactor.redact("Harbor12345")).isEqualTo("***");
  }

  @Test
  void a_value_is_forgotten_an_hour_after_it_was_read_last() {
    redactor.learn("a", "once-read-only");
    redactor.learn("a", "read-all-the-time");
    for (int minute = 0; minute < 90; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      redactor.learn("a", "read-all-the-time");
    }
    assertThat(redactor.redact("once-read-only read-all-the-time")).isEqualTo("once-read-only ***");
  }

  @Test
  void who_has_many_secrets_pushes_out_none_of_others() {
    redactor.learn("a", "the-only-secret-of-a");
    for (int i = 0; i < 5000; i++) {
      redactor.learn("b", i + "-secret");
    }
    now = now.plus(Duration.ofMinutes(10));
    redactor.learn("b", "4999-secret");
    assertThat(redactor.redact("the-only-secret-of-a 4999-secret 1-secret"))
        .isEqualTo("*** *** 1-secret");
  }

  @Test
  void many_that_begin_alike_cost_no_more_than_one() {
    for (int i = 0; i < 5000; i++) {
      redactor.learn("b", "abcdefgh-" + i);
    }
    assertThat(redactor.redact("x abcdefgh-77 y abcdef")).isEqualTo("x *** y ***");
    assertThat(redactor.redactFor("a", "x abcdefgh-77 y")).isEqualTo("x abcdefgh-77 y");
  }

  @Test
  void what_holds_no_secret_stays_the_same_object() {
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      redactor.learn("n" + i % 20, base64(Long.toString(random.nextLong()) + random.nextLong()));
    }
    for (int i = 0; i < 2000; i++) {
      String text =
          random
              .ints(200, ' ', '~')
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      assertThat(redactor.redact(text)).isSameAs(text);
    }
  }
}
