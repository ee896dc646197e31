package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.sun.management.ThreadMXBean;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.ingest.HarborEvent.Artifact;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private static final String DIGEST =
      "sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270";
  private static final String OTHER = "sha256:" + "9c1d".repeat(16);

  @ParameterizedTest
  @ValueSource(strings = {"push-default", "push-cloudevents"})
  void both_formats_say_the_same(String fixture) throws IOException {
    assertThat(decode(fixture))
        .isEqualTo(
            new HarborEvent.Artifacts(
                EventType.PUSH_ARTIFACT,
                EventTrigger.PUSHED,
                "1777709463",
                "shop",
                "api/web",
                List.of(new Artifact(DIGEST, "1.4.2"))));
  }

  @ParameterizedTest
  @CsvSource({
    "scan-default, 1.4.2",
    "scan-without-scan-type, 1.4.2",
    "scan-cloudevents-child-without-tag,"
  })
  void scans_are_read_with_their_tag_if_any(String fixture, String tag) throws IOException {
    assertThat(decode(fixture))
        .isEqualTo(
            new HarborEvent.Artifacts(
                EventType.SCANNING_COMPLETED,
                EventTrigger.SCANNED,
                "1777709490",
                "shop",
                "api/web",
                List.of(new Artifact(DIGEST, tag))));
  }

  @Test
  void of_several_resources_each_is_an_artifact() throws IOException {
    assertThat(artifacts("push-several-resources").artifacts())
        .containsExactly(
            new Artifact(DIGEST, "1.4.2"),
            new Artifact(DIGEST, "1.4"),
            new Artifact(OTHER, null),
            new Artifact(OTHER, "latest"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"push-by-digest-tag-is-digest", "push-by-digest-without-tag"})
  void what_was_pushed_by_digest_has_no_tag(String fixture) throws IOException {
    assertThat(artifacts(fixture).artifacts())
        .singleElement()
        .satisfies(artifact -> assertThat(artifact.tag()).isNull());
  }

  @Test
  void a_repository_need_not_be_nested() throws IOException {
    assertThat(artifacts("push-flat-repository").repository()).isEqualTo("web");
  }

  @Test
  void without_a_time_the_body_tells_a_redelivery() throws IOException {
    String occurred = artifacts("push-cloudevents-without-time").occurred();
    assertThat(occurred)
        .isEqualTo(artifacts("push-cloudevents-without-time").occurred())
        .matches("[0-9a-f]{64}");
  }

  @ParameterizedTest
  @CsvSource({
    "push-sha512, PUSH_ARTIFACT, EVENT_STARTS_NOTHING",
    "scan-sbom, SCANNING_COMPLETED, EVENT_STARTS_NOTHING",
    "scan-failed, SCANNING_FAILED, EVENT_STARTS_NOTHING",
    "scan-stopped-cloudevents, SCANNING_STOPPED, EVENT_STARTS_NOTHING",
    "pull, PULL_ARTIFACT, EVENT_STARTS_NOTHING",
    "delete, DELETE_ARTIFACT, EVENT_STARTS_NOTHING",
    "quota-exceeded, QUOTA_EXCEED, EVENT_STARTS_NOTHING",
    "quota-warning-cloudevents, QUOTA_WARNING, EVENT_STARTS_NOTHING",
    "replication-running, REPLICATION, EVENT_STARTS_NOTHING",
    "tag-retention-cloudevents, TAG_RETENTION, EVENT_STARTS_NOTHING",
    "unknown-type, UNKNOWN, UNKNOWN_EVENT"
  })
  void what_starts_nothing_is_ignored_with_a_reason(String fixture, EventType type, Reason reason)
      throws IOException {
    assertThat(decode(fixture))
        .isInstanceOfSatisfying(
            HarborEvent.Ignored.class,
            ignored -> {
              assertThat(ignored.type()).isEqualTo(type);
              assertThat(ignored.reason()).isEqualTo(reason);
              assertThat(ignored.why()).isNotBlank();
            });
  }

  @ParameterizedTest
  @CsvSource({
    "malformed-no-type, has no type",
    "malformed-type-is-number, has no type",
    "malformed-no-repository, repository.repo_full_name is missing",
    "malformed-repository-without-project, project/repository",
    "malformed-repository-with-space, project/repository",
    "malformed-no-resources, resources is missing",
    "malformed-empty-resources, resources is missing",
    "malformed-no-digest, digest",
    "malformed-short-digest, digest",
    "malformed-tag-with-space, tag",
    "malformed-tag-too-long, tag",
    "malformed-data-is-text, repository.repo_full_name is missing",
    "malformed-array, not a JSON object",
    "malformed-two-objects, not JSON",
    "malformed-cloudevents-with-default-data, repository.repo_full_name is missing"
  })
  void what_is_no_event_is_told_in_a_sentence(String fixture, String words) throws IOException {
    assertThat(decode(fixture))
        .isInstanceOfSatisfying(
            HarborEvent.Malformed.class, malformed -> assertThat(malformed.why()).contains(words));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "not json", "[]", "3", "null", "{}", "{\"type\":\"\"}", "{"})
  void other_bodies_are_malformed(String body) {
    assertThat(EventDecoder.decode(body.getBytes(UTF_8))).isInstanceOf(HarborEvent.Malformed.class);
  }

  @Test
  void deep_nesting_is_malformed() {
    String body = "{\"type\":" + "[".repeat(500_000);
    assertThat(EventDecoder.decode(body.getBytes(UTF_8))).isInstanceOf(HarborEvent.Malformed.class);
  }

  @Test
  void a_digest_of_many_parts_is_out_of_form_and_takes_no_stack() {
    String digest = "a-".repeat(200_000) + "a:b";
    String body =
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"a/b\"},"
            + "\"resources\":[{\"digest\":\""
            + digest
            + "\"}]}}";
    assertThat(EventDecoder.decode(body.getBytes(UTF_8))).isInstanceOf(HarborEvent.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\":[%s0]}#{},",
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"resources\":[%s{}]}}#{\"tag\":\"\"},",
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"resources\":%s1}}#{\"a\":",
        "{\"type\":\"%s\"}#a",
        "{%s\"type\":1}#\"k\":[[[]]],"
      })
  void a_body_as_long_as_may_be_takes_little_of_the_heap(String shape) {
    String repeated = shape.substring(shape.indexOf('#') + 1);
    String body =
        shape
            .substring(0, shape.indexOf('#'))
            .formatted(repeated.repeat(1024 * 1024 / repeated.length()));
    byte[] bytes = body.getBytes(UTF_8);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    EventDecoder.decode(bytes);
    long before = threads.getCurrentThreadAllocatedBytes();
    EventDecoder.decode(bytes);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L * 1024 * 1024);
  }

  @Test
  void there_are_no_more_resources_than_can_be_meant() {
    String resource = "{\"digest\":\"" + DIGEST + "\",\"tag\":\"t%d\"},";
    StringBuilder resources = new StringBuilder();
    for (int i = 0; i < 501; i++) {
      resources.append(resource.formatted(i));
    }
    String body =
        "{\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"a/b\"},"
            + "\"resources\":["
            + resources.substring(0, resources.length() - 1)
            + "]}}";
    assertThat(EventDecoder.decode(body.getBytes(UTF_8)))
        .isEqualTo(new HarborEvent.Malformed("resources holds more than 500 artifacts"));
  }

  @ParameterizedTest
  @EnumSource(names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
  void every_type_has_a_fixture(EventType type) throws IOException {
    Set<EventType> seen = new TreeSet<>();
    for (String fixture : fixtures().toList()) {
      switch (decode(fixture)) {
        case HarborEvent.Artifacts event -> seen.add(event.type());
        case HarborEvent.Ignored event -> seen.add(event.type());
        case HarborEvent.Malformed ignored -> {}
      }
    }
    assertThat(seen).contains(type);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void no_mutation_of_a_body_throws_or_gets_what_cannot_be_stored_through(String fixture)
      throws IOException {
    long seed = fixture.hashCode();
    Random random = new Random(seed);
    byte[] good = Fixtures.body(fixture);
    for (int i = 0; i < 1000; i++) {
      byte[] body = Fixtures.mutated(good, random);
      assertThatCode(
              () -> {
                if (EventDecoder.decode(body) instanceof HarborEvent.Artifacts event) {
                  assertThat(event.project() + "/" + event.repository())
                      .matches("[^/\\s]+(/[^/\\s]+)+");
                  assertThat(event.artifacts())
                      .isNotEmpty()
                      .allSatisfy(artifact -> {
                        assertThat(artifact.digest()).matches("sha256:[0-9a-f]{64}");
                        assertThat(artifact.tag() == null ? "t" : artifact.tag())
                            .matches("[^\\s:]{1,128}");
                      });
                }
              })
          .as("%s, seed %d: %s", fixture, seed, new String(body, UTF_8))
          .doesNotThrowAnyException();
    }
  }

  static Stream<String> fixtures() throws IOException {
    return Fixtures.names().stream();
  }

  private static HarborEvent.Artifacts artifacts(String fixture) throws IOException {
    return (HarborEvent.Artifacts) decode(fixture);
  }

  private static HarborEvent decode(String fixture) throws IOException {
    return EventDecoder.decode(Fixtures.body(fixture));
  }
}
