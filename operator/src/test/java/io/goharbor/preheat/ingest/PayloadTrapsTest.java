package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Harbor sends that is not what it seems, each in both formats, from the body to what it asks
 * of three policies: one that takes all, one that takes what is signed, one that takes Nydus copies
 * too.
 */
class PayloadTrapsTest {
  private static final String ONE = "sha256:" + "5b0b".repeat(16);
  private static final String TWO = "sha256:" + "9c1d".repeat(16);
  private static final String WEB =
      """
      "repository":{"date_created":1760000000,"name":"api/web","namespace":"shop",
        "repo_full_name":"shop/api/web","repo_type":"private"}
      """;

  private static final PolicyWatch POLICIES =
      Samples.watch(
          Samples.policy("all", null, EventTrigger.PUSHED, EventTrigger.SCANNED),
          Samples.signed("signed", "1.*", EventTrigger.PUSHED, EventTrigger.SCANNED),
          Samples.nydus("copies", "1.*", EventTrigger.PUSHED));

  enum Format {
    DEFAULT {
      @Override
      String body(String type, String data) {
        return "{\"type\":\"%s\",\"occur_at\":1777709463,\"operator\":\"ci\",\"event_data\":{%s}}"
            .formatted(type, data);
      }
    },
    CLOUD_EVENTS {
      @Override
      String body(String type, String data) {
        String name =
            switch (type) {
              case "PUSH_ARTIFACT" -> "harbor.artifact.pushed";
              case "SCANNING_COMPLETED" -> "harbor.scan.completed";
              case "DELETE_ARTIFACT" -> "harbor.artifact.deleted";
              case "REPLICATION" -> "harbor.replication.status.changed";
              default -> throw new IllegalArgumentException(type);
            };
        return """
        {"specversion":"1.0","id":"1d1f3a55","source":"/projects/2/webhook/policies/15",
         "type":"%s","datacontenttype":"application/json","time":"2026-05-02T08:11:03Z",
         "data":{%s},"requestid":"","operator":"ci"}
        """
            .formatted(name, data);
      }
    };

    abstract String body(String type, String data);
  }

  record Trap(String name, String type, String data, List<String> asked) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Trap> TRAPS =
      List.of(
          new Trap(
              "a push by tag",
              "PUSH_ARTIFACT",
              resources(resource(ONE, "1.4.2")),
              List.of("all 1.4.2 5b0b", "signed 1.4.2 5b0b", "copies 1.4.2 5b0b")),
          new Trap(
              "a push by digest has the digest where the tag belongs: a part of an index, or"
                  + " something attached, which planning tells apart",
              "PUSH_ARTIFACT",
              resources(resource(ONE, ONE)),
              List.of("signed - 5b0b", "copies - 5b0b")),
          new Trap(
              "another digest in place of the tag",
              "PUSH_ARTIFACT",
              resources(resource(ONE, TWO)),
              List.of("signed - 5b0b", "copies - 5b0b")),
          new Trap(
              "several resources in one event, one of them twice",
              "PUSH_ARTIFACT",
              resources(
                  resource(ONE, "1.4.2"),
                  resource(ONE, "latest"),
                  resource(TWO, TWO),
                  resource(ONE, "1.4.2")),
              List.of(
                  "all 1.4.2 5b0b",
                  "signed 1.4.2 5b0b",
                  "copies 1.4.2 5b0b",
                  "all latest 5b0b",
                  "signed - 9c1d",
                  "copies - 9c1d")),
          new Trap(
              "the scan of a part of an index has no tag: planning looks for the index",
              "SCANNING_COMPLETED",
              resources(resource(ONE, "")) + ",\"scan\":{\"scan_type\":\"vulnerability\"}",
              List.of("all - 5b0b", "signed - 5b0b")),
          new Trap(
              "a scan is of the digest, whatever tag the event names",
              "SCANNING_COMPLETED",
              resources(resource(ONE, "latest")),
              List.of("all latest 5b0b", "signed - 5b0b")),
          new Trap(
              "an SBOM is a scan too, and says nothing",
              "SCANNING_COMPLETED",
              resources(resource(ONE, "1.4.2")) + ",\"scan\":{\"scan_type\":\"sbom\"}",
              List.of("ignored EVENT_STARTS_NOTHING")),
          new Trap(
              "a signature under a tag of its own is about the image that the tag names",
              "PUSH_ARTIFACT",
              resources(resource(ONE, "sha256-" + "9c1d".repeat(16) + ".sig")),
              List.of("signed - 9c1d", "copies - 9c1d")),
          new Trap(
              "a copy that a converter attached may come under a tag of its own",
              "PUSH_ARTIFACT",
              resources(resource(ONE, "1.4.2-nydus")),
              List.of(
                  "all 1.4.2-nydus 5b0b", "signed 1.4.2-nydus 5b0b", "copies 1.4.2-nydus 5b0b")),
          new Trap(
              "replication tells each change of each task; what it brings is pushed besides",
              "REPLICATION",
              "\"replication\":{\"job_status\":\"Success\",\"artifact_type\":\"image\","
                  + "\"successful_artifact\":[{\"name_tag\":\"web [1 item(s) in total]\"}]}",
              List.of("ignored EVENT_STARTS_NOTHING")),
          new Trap(
              "a deletion has the shape of a push",
              "DELETE_ARTIFACT",
              resources(resource(ONE, "1.4.2")),
              List.of("ignored EVENT_STARTS_NOTHING")));

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("trapsInBothFormats")
  void what_an_event_asks_for(Trap trap, Format format) {
    assertThat(asked(format.body(trap.type(), trap.data())))
        .containsExactlyInAnyOrderElementsOf(trap.asked());
  }

  @Test
  void a_duplicate_is_the_same_event_in_either_format() {
    String data = resources(resource(ONE, "1.4.2"), resource(TWO, "1.5"));
    List<String> marks = marks(Format.DEFAULT.body("PUSH_ARTIFACT", data));
    assertThat(marks).hasSize(6).doesNotHaveDuplicates();
    assertThat(marks(Format.DEFAULT.body("PUSH_ARTIFACT", data))).isEqualTo(marks);
    assertThat(marks(Format.CLOUD_EVENTS.body("PUSH_ARTIFACT", data))).isEqualTo(marks);
    assertThat(marks(Format.DEFAULT.body("SCANNING_COMPLETED", data)))
        .doesNotContainSequence(marks);
  }

  static Stream<Arguments> trapsInBothFormats() {
    return TRAPS.stream()
        .flatMap(trap -> Stream.of(Format.values()).map(format -> Arguments.of(trap, format)));
  }

  private static List<String> asked(String body) {
    return switch (EventDecoder.decode(body.getBytes(UTF_8))) {
      case HarborEvent.Malformed malformed -> List.of("malformed " + malformed.why());
      case HarborEvent.Ignored ignored -> List.of("ignored " + ignored.reason().name());
      case HarborEvent.Artifacts event ->
          switch (new EventMatcher(POLICIES).match(Samples.REGISTRY, event)) {
            case EventMatcher.Match.NotWanted no -> List.of("not wanted " + no.reason().name());
            case EventMatcher.Match.Unjudged unjudged -> List.of("unjudged " + unjudged.policies());
            case EventMatcher.Match.Wanted wanted ->
                wanted.requests().stream().map(PayloadTrapsTest::words).toList();
          };
    };
  }

  private static String words(PreheatRequest request) {
    assertThat(request.artifact().repository()).isEqualTo("shop/api/web");
    String digest = request.artifact().digest();
    return request.policy().getMetadata().getName()
        + " "
        + (request.artifact().tag() == null ? "-" : request.artifact().tag())
        + " "
        + (digest == null ? "-" : digest.substring(7, 11));
  }

  private static List<String> marks(String body) {
    List<String> marks = new ArrayList<>();
    if (EventDecoder.decode(body.getBytes(UTF_8)) instanceof HarborEvent.Artifacts event
        && new EventMatcher(POLICIES).match(Samples.REGISTRY, event)
            instanceof EventMatcher.Match.Wanted wanted) {
      wanted.requests().forEach(request -> marks.add(request.mark()));
    }
    return marks;
  }

  private static String resource(String digest, String tag) {
    String separator = tag.isEmpty() || tag.contains(":") ? "@" + digest : ":" + tag;
    return "{\"digest\":\"%s\",%s\"resource_url\":\"registry.example.com/shop/api/web%s\"}"
        .formatted(digest, tag.isEmpty() ? "" : "\"tag\":\"" + tag + "\",", separator);
  }

  private static String resources(String... all) {
    return "\"resources\":[" + String.join(",", all) + "]," + WEB;
  }
}
