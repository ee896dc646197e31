package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A CloudEvent says the same in binary mode as in structured mode. */
class BinaryModeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What Harbor sent, where that is at hand; {@code PREHEAT_SHARED_FIXTURES} names the folder. */
  @Test
  void what_harbor_sent_is_read_alike() throws IOException {
    String configured = System.getenv("PREHEAT_SHARED_FIXTURES");
    Path folder =
        Path.of(configured == null ? "../../shared/fixtures" : configured, "harbor", "webhooks");
    assumeTrue(
        Files.isDirectory(folder),
        () ->
            "skipped: recorded webhooks are not in "
                + folder
                + "; set PREHEAT_SHARED_FIXTURES to the folder of all fixtures");
    List<Path> recorded = files(folder, "ce-");
    assertThat(recorded).isNotEmpty();
    check(recorded);
  }

  @Test
  void what_was_made_by_hand_is_read_alike() throws IOException {
    check(
        files(Path.of("src/test/resources/events"), "").stream()
            .filter(file -> file.toString().contains("cloudevents"))
            // Without it the whole message tells one event from another.
            .filter(file -> !file.toString().contains("without-time"))
            // It has no data, which in binary mode is a body that is empty.
            .filter(file -> !file.toString().contains("with-default-data"))
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "ce-id|-|the header ce-id is missing",
        "ce-source|-|the header ce-source is missing",
        "ce-type|-|the header ce-type is missing",
        "ce-specversion|0.3|the header ce-specversion must be 1.0",
        "Content-Type|text/plain|the header Content-Type must be application/json"
      })
  void what_is_missing_is_named(String header, String value, String why) throws IOException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    JsonNode event = event();
    headers.putAll(headers(event));
    if (value == null) {
      headers.remove(header);
    } else {
      headers.put(header, value);
    }
    assertThat(decode(headers, event.path("data"))).isEqualTo(new HarborEvent.Malformed(why));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "harbor.artifact.pushed|harbor.artifact.pushed",
        "harbor%2Eartifact%2epushed|harbor.artifact.pushed",
        "\"harbor.artifact.pushed\"|harbor.artifact.pushed",
        "\"a\\\"b\\\\c\"|a\"b\\c",
        "Euro%20%E2%82%AC%20%F0%9F%98%80|Euro \u20ac \ud83d\ude00",
        "%2525|%25",
        "100%|100%",
        "%zz%4|%zz%4"
      })
  void values_are_decoded_once(String sent, String type) {
    BinaryAttributes attributes =
        Objects.requireNonNull(
            BinaryAttributes.of(Map.of("ce-specversion", "1.0", "ce-type", sent)::get));
    assertThat(attributes.type()).isEqualTo(type);
  }

  @Test
  void structured_mode_and_harbors_own_format_are_not_binary_mode() {
    assertThat(BinaryAttributes.of(Map.of("Content-Type", "application/json")::get)).isNull();
    assertThat(
            BinaryAttributes.of(
                Map.of(
                        "Content-Type",
                        "application/cloudevents+json; charset=utf-8",
                        "ce-specversion",
                        "1.0")
                    ::get))
        .isNull();
  }

  @Test
  void without_a_time_the_id_tells_events_apart() throws IOException {
    JsonNode event = event();
    List<HarborEvent> read = new ArrayList<>();
    for (String id : List.of("one", "one", "two")) {
      Map<String, String> headers = headers(event);
      headers.remove("ce-time");
      headers.put("ce-id", id);
      read.add(decode(headers, event.path("data")));
    }
    assertThat(read.get(0)).isEqualTo(read.get(1)).isNotEqualTo(read.get(2));
  }

  private static JsonNode event() throws IOException {
    return JSON.readTree(Fixtures.body("push-cloudevents"));
  }

  private static void check(List<Path> files) throws IOException {
    for (Path file : files) {
      byte[] structured = Files.readAllBytes(file);
      JsonNode event = JSON.readTree(structured);
      assertThat(decode(headers(event), event.path("data")))
          .as(file.toString())
          .isEqualTo(EventDecoder.decode(structured));
    }
  }

  private static HarborEvent decode(Map<String, String> headers, JsonNode data) {
    BinaryAttributes attributes = BinaryAttributes.of(headers::get);
    assertThat(attributes).isNotNull();
    return EventDecoder.decode(attributes, data.toString().getBytes(UTF_8));
  }

  /** As a broker makes them of the attributes. */
  private static Map<String, String> headers(JsonNode event) {
    Map<String, String> headers = new TreeMap<>();
    event
        .properties()
        .forEach(attribute -> {
          switch (attribute.getKey()) {
            case "data" -> {}
            case "datacontenttype" -> headers.put("Content-Type", attribute.getValue().asText());
            default -> headers.put("ce-" + attribute.getKey(), encoded(attribute.getValue()));
          }
        });
    return headers;
  }

  private static String encoded(JsonNode value) {
    StringBuilder text = new StringBuilder();
    for (byte one : value.asText().getBytes(UTF_8)) {
      if (one <= ' ' || one == '"' || one == '%' || one > '~') {
        text.append("%%%02X".formatted(one & 0xff));
      } else {
        text.append((char) one);
      }
    }
    return text.toString();
  }

  private static List<Path> files(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .toList();
    }
  }
}
