package io.goharbor.preheat.runtime;

import ch.qos.logback.core.Context;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.http.Redactor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What texts become in a log line. Logback makes the classes that write lines from its files, so
 * the redactor is found in its context.
 */
final class LogText {
  private static final String NAME = "preheat.redactor";

  private LogText() {}

  /** Lines of a context are redacted from now on. */
  static void use(Context context, Redactor redactor) {
    context.putObject(NAME, redactor);
  }

  /**
   * A text on one line, without secrets and without characters that are not shown.
   *
   * @param context null: nothing is known of secrets
   */
  static String line(@Nullable Context context, String text) {
    return DisplayText.of(redacted(context, text));
  }

  /** The same for the trace of an error, whose lines stay, set in: none can pass for a log line. */
  static String trace(@Nullable Context context, String text) {
    return redacted(context, text)
        .lines()
        .map(line -> "  " + DisplayText.of(line.strip()) + "\n")
        .collect(Collectors.joining());
  }

  private static String redacted(@Nullable Context context, String text) {
    return context != null && context.getObject(NAME) instanceof Redactor redactor
        ? redactor.redact(text)
        : text;
  }
}
