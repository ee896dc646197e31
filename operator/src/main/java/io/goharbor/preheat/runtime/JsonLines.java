package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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
    try {
      return (JSON.writeValueAsString(fields(event)) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("plain values that cannot be written", e);
    }
  }

  /** What comes first stays: no value that is logged can take the place of the level. */
  private Map<String, Object> fields(ILoggingEvent event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
    fields.put("level", event.getLevel().toString());
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
      case Boolean _, Integer _, Long _ -> value;
      case List<?> list -> list.stream().map(item -> text(String.valueOf(item))).toList();
      default -> text(String.valueOf(value));
    };
  }

  private String text(String text) {
    return LogText.line(getContext(), text);
  }
}
