package io.goharbor.preheat.runtime;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The trace of an error, as {@link LogText} has it. Named in Logback's files. */
public final class RedactedTrace extends ThrowableProxyConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return LogText.trace(getContext(), super.convert(event));
  }
}
