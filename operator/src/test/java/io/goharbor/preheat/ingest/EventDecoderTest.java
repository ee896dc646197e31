package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import io.goharbor.preheat.ingest.HarborEvent.Kind;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private static final String DIGEST = "sha256:" + "5b".repeat(32);
  private static final String DATA =
      """
      {"resources":[{"digest":"%s","tag":"1.4.2","resource_url":"h/shop/api/web:1.4.2"}],
       "repository":{"name":"api/web","namespace":"shop","repo_full_name":"shop/api/web"}}
      """
          .formatted(DIGEST);

  @Test
  void the_default_format_is_read() {
    assertThat(decode("{\"type\":\"PUSH_ARTIFACT\",\"occur_at\":17,\"event_data\":" + DATA + "}"))
        .isEqualTo(
            new HarborEvent.Artifacts(
                Kind.PUSHED, "17", "shop", "api/web", List.of(new Artifact(DIGEST, "1.4.2"))));
  }

  @Test
  void cloud_events_are_read() {
    assertThat(
            decode(
                "{\"specversion\":\"1.0\",\"id\":\"x-1\",\"type\":\"harbor.artifact.pushed\",\"data\":"
                    + DATA
                    + "}"))
        .isEqualTo(
            new HarborEvent.Artifacts(
                Kind.PUSHED, "x-1", "shop", "api/web", List.of(new Artifact(DIGEST, "1.4.2"))));
  }

  @Test
  void a_digest_in_the_place_of_the_tag_is_no_tag() {
    assertThat(
            decode(
                "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":"
                    + DATA.replace("\"1.4.2\"", "\"" + DIGEST + "\"")
                    + "}"))
        .isInstanceOf(HarborEvent.Ignored.class);
  }

  @Test
  void a_scanned_manifest_of_an_index_has_no_tag_and_counts() {
    assertThat(
            decode(
                "{\"type\":\"SCANNING_COMPLETED\",\"event_data\":"
                    + DATA.replace("\"tag\":\"1.4.2\",", "")
                    + "}"))
        .isInstanceOfSatisfying(
            HarborEvent.Artifacts.class,
            event -> {
              assertThat(event.kind()).isEqualTo(Kind.SCANNED);
              assertThat(event.artifacts()).containsExactly(new Artifact(DIGEST, null));
            });
  }

  @Test
  void an_sbom_is_no_scan() {
    assertThat(
            decode(
                "{\"type\":\"SCANNING_COMPLETED\",\"event_data\":{\"scan\":{\"scan_type\":\"sbom\"}}}"))
        .isInstanceOf(HarborEvent.Ignored.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PULL_ARTIFACT",
        "DELETE_ARTIFACT",
        "REPLICATION",
        "TAG_RETENTION",
        "SOMETHING_NEW"
      })
  void other_types_are_ignored(String type) {
    assertThat(decode("{\"type\":\"" + type + "\",\"event_data\":{}}"))
        .isInstanceOf(HarborEvent.Ignored.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not json",
        "[]",
        "3",
        "null",
        "{}",
        "{\"type\":\"PUSH_ARTIFACT\"}",
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"a/b\"}}}",
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"a/b\"},"
            + "\"resources\":[{\"digest\":\"md5:1\"}]}}"
      })
  void what_is_no_event_is_malformed(String body) {
    assertThat(decode(body)).isInstanceOf(HarborEvent.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void no_body_throws(long seed) {
    Random random = new Random(seed);
    byte[] good = ("{\"type\":\"PUSH_ARTIFACT\",\"event_data\":" + DATA + "}").getBytes(UTF_8);
    for (int i = 0; i < 2000; i++) {
      byte[] body = good.clone();
      for (int j = 0; j <= random.nextInt(8); j++) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      assertThatCode(() -> EventDecoder.decode(body))
          .as("seed %d: %s", seed, new String(body, UTF_8))
          .doesNotThrowAnyException();
    }
  }

  private static HarborEvent decode(String body) {
    return EventDecoder.decode(body.getBytes(UTF_8));
  }
}
