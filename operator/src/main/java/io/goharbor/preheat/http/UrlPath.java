package io.goharbor.preheat.http;

import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.InvalidSpecException;
import java.util.regex.Pattern;

/**
 * A path below the base URL of a system, made of segments. A segment cannot become two, none or a
 * step upwards, nor end the path, whether or how often what is on the way decodes it: it has no
 * character that would have to be encoded. The only ones that are let through otherwise are the
 * slashes of a name, each with a proper segment on both sides.
 */
public final class UrlPath {
  // All that RFC 3986 calls unreserved, and what digests have; at least one is no dot.
  private static final Pattern SEGMENT =
      Pattern.compile("\\.*+[A-Za-z0-9_~:=+-][A-Za-z0-9._~:=+-]*");
  private static final int LONGEST = 1024;

  private final String encoded;

  private UrlPath(String encoded) {
    this.encoded = encoded;
  }

  /**
   * A path.
   *
   * @throws InvalidSpecException when one of them is no segment
   */
  public static UrlPath of(String first, String... rest) {
    return new UrlPath(segment(first)).and(rest);
  }

  /** Whether a text can stand as one segment. */
  public static boolean isSegment(String text) {
    return text.length() <= LONGEST && SEGMENT.matcher(text).matches();
  }

  /** With more segments. */
  public UrlPath and(String... segments) {
    StringBuilder path = new StringBuilder(encoded);
    for (String segment : segments) {
      path.append('/').append(segment(segment));
    }
    return new UrlPath(path.toString());
  }

  /** With a name, of which each part between slashes is a segment. */
  public UrlPath andParts(String name) {
    return and(name.split("/", -1));
  }

  /** With a name as one segment: its slashes are encoded. */
  public UrlPath andName(String name) {
    return slashesAs(name, "%2F");
  }

  /**
   * With a name as one segment whose slashes are encoded twice. Harbor's REST API decodes the name
   * of a repository once more than usual.
   */
  public UrlPath andNameEncodedTwice(String name) {
    return slashesAs(name, "%252F");
  }

  private UrlPath slashesAs(String name, String slash) {
    StringBuilder segment = new StringBuilder();
    for (String part : name.split("/", -1)) {
      segment.append(segment.isEmpty() ? "" : slash).append(segment(part));
    }
    return new UrlPath(encoded + "/" + segment);
  }

  private static String segment(String text) {
    if (!isSegment(text)) {
      throw new InvalidSpecException(
          Grammar.shown(text)
              + " cannot be part of a URL: write letters, digits, '.', '_', '~', ':', '=', '+' and"
              + " '-'");
    }
    return text;
  }

  /** The path without a slash in front, encoded. */
  @Override
  public String toString() {
    return encoded;
  }
}
