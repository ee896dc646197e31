package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.DisplayText;
import java.util.regex.Pattern;

/**
 * Words of a Manager made fit for people. A Manager repeats what it was given, so whatever looks
 * like the value of an Authorization header is blotted out.
 */
final class ManagerMessages {
  private static final int MOST = 300;
  private static final Pattern CREDENTIAL =
      // Not within a name, such as that of a provider.
      Pattern.compile("(?i)(?<![\\w./-])(bearer|basic)\\s+[A-Za-z0-9._~+/=-]{8,}");

  private ManagerMessages() {}

  /** One line, without credentials, of a bearable length. */
  static String clean(String text) {
    return DisplayText.of(withoutCredentials(text), MOST).strip();
  }

  /** The same text without what looks like a credential. */
  static String withoutCredentials(String text) {
    return CREDENTIAL.matcher(text).replaceAll("$1 ***");
  }
}
