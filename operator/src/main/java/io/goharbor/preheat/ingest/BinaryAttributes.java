package io.goharbor.preheat.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a CloudEvent whose data is the whole body: binary mode (CloudEvents 1.0.2, HTTP
 * binding, section 3.1). Texts are empty where there is none.
 */
record BinaryAttributes(
    String id, String source, String specVersion, String type, String time, String contentType) {
  private static final String VERSION = "1.0";

  /**
   * What the headers say.
   *
   * @param header gives the value of a header by its name
   * @return null when they are not of a CloudEvent in binary mode
   */
  static @Nullable BinaryAttributes of(Function<String, @Nullable String> header) {
    String contentType = text(header.apply("Content-Type")).toLowerCase(Locale.ROOT).strip();
    // Structured mode and batches say so here, and their ce headers, if any, mean nothing.
    if (header.apply("ce-specversion") == null
        || contentType.startsWith("application/cloudevents")) {
      return null;
    }
    return new BinaryAttributes(
        decoded(header.apply("ce-id")),
        decoded(header.apply("ce-source")),
        decoded(header.apply("ce-specversion")),
        decoded(header.apply("ce-type")),
        decoded(header.apply("ce-time")),
        contentType.replaceFirst(";.*", "").strip());
  }

  /** What is wrong with them, with the header to mend. */
  Optional<String> fault() {
    if (!specVersion.equals(VERSION)) {
      return Optional.of("the header ce-specversion must be " + VERSION);
    }
    return Stream.of(
            missing("id", id),
            missing("source", source),
            missing("type", type),
            contentType.isEmpty()
                    || contentType.equals("application/json")
                    || contentType.endsWith("+json")
                ? null
                : "the header Content-Type must be application/json")
        .flatMap(Stream::ofNullable)
        .findFirst();
  }

  private static @Nullable String missing(String name, String value) {
    return value.isEmpty() ? "the header ce-" + name + " is missing" : null;
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** Double quotes go first, then percent signs are decoded once (section 3.1.3.2). */
  private static String decoded(@Nullable String value) {
    String text = text(value).strip();
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1");
    }
    byte[] from = text.getBytes(StandardCharsets.UTF_8);
    byte[] to = new byte[from.length];
    int length = 0;
    for (int i = 0; i < from.length; i++) {
      int high = from[i] == '%' && i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(from[i + 2], 16);
      if (low >= 0) {
        to[length++] = (byte) (high * 16 + low);
        i += 2;
      } else {
        to[length++] = from[i];
      }
    }
    return new String(to, 0, length, StandardCharsets.UTF_8);
  }
}
