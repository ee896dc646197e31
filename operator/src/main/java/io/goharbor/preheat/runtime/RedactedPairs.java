package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.pattern.KeyValuePairConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** What a log line is about, as {@link LogText} has it. Named in Logback's files. */
public final class RedactedPairs extends KeyValuePairConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return LogText.line(getContext(), super.convert(event));
  }
}
