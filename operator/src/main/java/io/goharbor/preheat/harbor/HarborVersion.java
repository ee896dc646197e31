package io.goharbor.preheat.harbor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a Harbor of some version can do; one that does not tell its version is taken for new. */
public final class HarborVersion {
  private static final Pattern NUMBERS = Pattern.compile("v?([0-9]{1,4})\\.([0-9]{1,4})\\b.*");

  private HarborVersion() {}

  /**
   * Whether webhooks can be CloudEvents: since Harbor 2.8. An older one ignores that it is asked
   * for them, and sends its own format.
   *
   * @param version as Harbor's systeminfo writes it, such as {@code v2.14.4-5b0bcabd}
   */
  public static boolean sendsCloudEvents(@Nullable String version) {
    return atLeast(version, 2, 8);
  }

  private static boolean atLeast(@Nullable String version, int major, int minor) {
    Matcher numbers = NUMBERS.matcher(version == null ? "" : version);
    if (!numbers.matches()) {
      return true;
    }
    int itsMajor = Integer.parseInt(numbers.group(1));
    return itsMajor > major || (itsMajor == major && Integer.parseInt(numbers.group(2)) >= minor);
  }
}
