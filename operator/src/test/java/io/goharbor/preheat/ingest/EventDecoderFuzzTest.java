package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import java.nio.charset.StandardCharsets;

/**
 * Bodies of any kind. Without a fuzzing engine these run the bodies of the corpus, which are kept
 * beside this class's resources; with {@code JAZZER_FUZZ=1} in the environment they search for new
 * ones.
 */
class EventDecoderFuzzTest {
  private static final EventMatcher MATCHER =
      new EventMatcher(
          Samples.watch(
              Samples.policy("all", null, EventTrigger.PUSHED, EventTrigger.SCANNED),
              Samples.nydus("copies", "1.*", EventTrigger.PUSHED),
              Samples.signed("signed", "v*", EventTrigger.PUSHED, EventTrigger.SCANNED)));

  /** Bodies as they come, in both formats. */
  @FuzzTest(maxDuration = "2m")
  void any_body_is_a_value(byte[] body) {
    check(EventDecoder.decode(body));
  }

  /** What is in the place of the data of a Default event. */
  @FuzzTest(maxDuration = "2m")
  void any_data_in_the_default_format(byte[] data) {
    check(
        EventDecoder.decode(
            around("{\"type\":\"PUSH_ARTIFACT\",\"occur_at\":1777709463,\"event_data\":", data)));
  }

  /** What is in the place of the data of a CloudEvent. */
  @FuzzTest(maxDuration = "2m")
  void any_data_in_a_cloud_event(byte[] data) {
    check(
        EventDecoder.decode(
            around(
                "{\"specversion\":\"1.0\",\"type\":\"harbor.scan.completed\","
                    + "\"time\":\"2026-05-02T08:11:03Z\",\"data\":",
                data)));
  }

  private static byte[] around(String before, byte[] data) {
    byte[] head = before.getBytes(StandardCharsets.UTF_8);
    byte[] body = new byte[head.length + data.length + 1];
    System.arraycopy(head, 0, body, 0, head.length);
    System.arraycopy(data, 0, body, head.length, data.length);
    body[body.length - 1] = '}';
    return body;
  }

  /** What is let through must be fit to be stored. */
  private static void check(HarborEvent said) {
    switch (said) {
      case HarborEvent.Malformed malformed -> assertThat(malformed.why()).isNotBlank();
      case HarborEvent.Ignored ignored -> assertThat(ignored.why()).isNotBlank();
      case HarborEvent.Artifacts event -> {
        assertThat(event.artifacts()).hasSizeBetween(1, Envelope.MAX_RESOURCES);
        assertThat(event.project() + "/" + event.repository())
            .hasSizeLessThanOrEqualTo(512)
            .matches("[\\w.-]+(/[\\w.-]+)+");
        for (HarborEvent.Artifact artifact : event.artifacts()) {
          assertThat(artifact.digest()).matches("sha256:[0-9a-f]{64}");
          assertThat(artifact.tag() == null ? "t" : artifact.tag()).matches("\\w[\\w.-]{0,127}");
        }
        assertThat(event.occurred()).hasSizeLessThanOrEqualTo(64);
        if (MATCHER.match(Samples.REGISTRY, event) instanceof EventMatcher.Match.Wanted wanted) {
          assertThat(wanted.requests()).isNotEmpty().hasSizeLessThanOrEqualTo(3 * 500);
        }
      }
    }
  }
}
