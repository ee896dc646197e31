package io.goharbor.preheat.kube;

import io.goharbor.preheat.api.Reason;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * Whether a value can be sent, found out when it is read: the HTTP client would throw when it is to
 * be sent, with the value in its message. The first character that does not fit is told, and where
 * it stands, counted from 1; of the others nothing.
 *
 * @param namespace of the Secret
 */
record SecretCheck(String namespace, String name, String key) {
  /** The value of a header: what RFC 9110 calls visible characters, spaces and tabs. */
  void header(String value) throws SecretMissingException {
    check(
        value,
        point -> point == '\t' || (point >= ' ' && point <= '~'),
        "which an HTTP header cannot carry");
  }

  /** The user of Basic credentials, by RFC 7617. */
  void user(String value) throws SecretMissingException {
    check(
        value,
        point -> point != ':' && !Character.isISOControl(point),
        "which the user name of Basic credentials cannot hold");
  }

  /** The password of Basic credentials, or both together; any characters but control characters. */
  void password(String value) throws SecretMissingException {
    check(value, point -> !Character.isISOControl(point), "which Basic credentials cannot hold");
  }

  private void check(String value, IntPredicate fits, String why) throws SecretMissingException {
    int[] points = value.codePoints().toArray();
    for (int i = 0; i < points.length; i++) {
      if (!fits.test(points[i])) {
        throw new SecretMissingException(
            Reason.SECRET_UNUSABLE,
            String.format(
                Locale.ROOT,
                "key %s of Secret %s in namespace %s holds U+%04X at position %d, %s",
                key,
                name,
                namespace,
                points[i],
                i + 1,
                why));
      }
    }
  }
}
