package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;

/**
 * A log line as one JSON object, its fields at the top, where the systems that gather logs look for
 * them: time, level, logger, message, what the line is about, the resource that is reconciled, and
 * the trace of an error. Made by Logback from {@code logback-json.xml}.
 */
public final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * What the Java Operator SDK notes of the resource that a thread works on, and what we call it.
   */
  private static final List<Map.Entry<String, String>> RESOURCE =
      List.of(
          Map.entry("resource.kind", "kind"),
          Map.entry("resource.namespace", "namespace"),
          Map.entry("resource.name", "name"));

  private final ThrowableProxyConverter traces = new ThrowableProxyConverter();

  @Override
  public void start() {
    traces.setOptionList(List.of("full"));
    traces.start();
    super.start();
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      for (Map.Entry<String, Object> field : fields(event).entrySet()) {
        json.writeFieldName(field.getKey());
        write(json, field.getValue());
      }
      json.writeEndObject();
    } catch (IOException e) {
      // Nothing else can fail in memory than a value's own text.
      return "{\"level\":\"ERROR\",\"message\":\"a log line could not be written\"}\n"
          .getBytes(StandardCharsets.UTF_8);
    }
    line.write('\n');
    return line.toByteArray();
  }

  /** What comes first stays: no value that is logged can take the place of the level. */
  private Map<String, Object> fields(ILoggingEvent event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", Instant.ofEpochMilli(event.getTimeStamp()));
    fields.put("level", event.getLevel());
    fields.put("logger", event.getLoggerName());
    fields.put("message", text(Objects.requireNonNullElse(event.getFormattedMessage(), "")));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        if (pair.value != null && !"".equals(pair.value)) {
          fields.putIfAbsent(pair.key, value(pair.value));
        }
      }
    }
    Map<String, String> noted = event.getMDCPropertyMap();
    for (Map.Entry<String, String> resource : RESOURCE) {
      String value = noted.get(resource.getKey());
      if (value != null) {
        fields.putIfAbsent(resource.getValue(), text(value));
      }
    }
    if (event.getThrowableProxy() != null) {
      fields.putIfAbsent("error", LogText.trace(getContext(), traces.convert(event)).strip());
    }
    return fields;
  }

  private Object value(Object value) {
    return switch (value) {
      case Boolean truth -> truth;
      case Integer number -> number;
      case Long number -> number;
      case List<?> list -> list.stream().map(item -> text(String.valueOf(item))).toList();
      default -> text(String.valueOf(value));
    };
  }

  private String text(String text) {
    return LogText.line(getContext(), text);
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case Boolean truth -> json.writeBoolean(truth);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case List<?> list -> {
        json.writeStartArray();
        for (Object item : list) {
          json.writeString(String.valueOf(item));
        }
        json.writeEndArray();
      }
      default -> json.writeString(String.valueOf(value));
    }
  }
}
