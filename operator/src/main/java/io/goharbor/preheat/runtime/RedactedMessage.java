package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The message of a log line, as {@link LogText} has it. Named in Logback's files. */
public final class RedactedMessage extends MessageConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return LogText.line(getContext(), super.convert(event));
  }
}
