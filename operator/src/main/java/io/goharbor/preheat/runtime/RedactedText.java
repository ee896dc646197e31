package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;

/**
 * What {@link LogText} makes of a part of a log line: with the option "line" of one line, with
 * "trace" of several. Named in Logback's files; without an option, Logback takes a {@code %n} that
 * follows for text.
 */
public final class RedactedText extends CompositeConverter<ILoggingEvent> {
  @Override
  protected String transform(ILoggingEvent event, String text) {
    return "trace".equals(getFirstOption())
        ? LogText.trace(getContext(), text)
        : LogText.line(getContext(), text);
  }
}
