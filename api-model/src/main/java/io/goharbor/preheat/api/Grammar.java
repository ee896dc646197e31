package io.goharbor.preheat.api;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a text must look like to name something. The schema has the same patterns; they are held
 * here too because what was stored before a pattern came is still there, and because names come
 * from other systems as well.
 */
public enum Grammar {
  URL(
      Patterns.URL,
      512,
      "write http:// or https://, a host, and a path of letters, digits, '.', '_', '~' and '-'"),
  HOST_PORT(Patterns.HOST_PORT, 300, "write host:port, an IPv6 address in brackets"),
  OBJECT_NAME(
      Patterns.OBJECT_NAME,
      253,
      "a name in Kubernetes has lower-case letters, digits, '-' and '.', and begins and ends with a"
          + " letter or digit"),
  NAMESPACE(
      Patterns.NAMESPACE,
      63,
      "a namespace has lower-case letters, digits and '-', and begins and ends with a letter or"
          + " digit"),
  DATA_KEY(
      Patterns.DATA_KEY, 253, "a key has letters, digits, '-', '_' and '.', and no two dots first"),
  HEADER_NAME(Patterns.HEADER_NAME, 128, "a header's name is one word, such as X-Api-Key"),
  HEADER_TEXT(Patterns.HEADER_TEXT, 128, "a header carries printable ASCII only"),
  QUERY_PARAMETER(Patterns.QUERY_PARAMETER, 128, "write the parameter's name, without '&'"),
  PROJECT(
      Patterns.PROJECT,
      255,
      "a project of Harbor has lower-case letters and digits, with '.', '_' or '-' between them"),
  REPOSITORY(
      Patterns.REPOSITORY,
      512,
      "a repository has lower-case letters and digits, with '.', '_', '-' or '/' between them"),
  FULL_REPOSITORY(
      Patterns.FULL_REPOSITORY,
      512,
      "write project/repository: lower-case letters and digits, with '.', '_' or '-' between them"),
  TAG(
      Patterns.TAG,
      128,
      "a tag has at most 128 letters, digits, '_', '.' and '-', and begins with none of the last"
          + " two"),
  DIGEST(Patterns.DIGEST, 71, "write sha256: and 64 digits of 0-9 and a-f"),
  CONTENT_DIGEST(Patterns.CONTENT_DIGEST, 320, "write an algorithm, ':' and the encoded digest"),
  IMAGE(Patterns.IMAGE, 1024, "write host/project/repository[:tag][@sha256:...]"),
  PLATFORM(Patterns.PLATFORM, 64, "write os/arch or os/arch/variant"),
  IP(Patterns.IP, 45, "write an IPv4 or IPv6 address"),
  KRAKEN_TEMPLATE(
      Patterns.KRAKEN_TEMPLATE,
      256,
      "a namespace has letters, digits, '_', '-', ':', '.' and '/', the last two never in a row,"
          + " and holds {project} and {repository}"),
  DURATION(Patterns.DURATION, 32, "write a duration such as 90s or 1h30m"),
  TIME_OF_DAY(Patterns.TIME_OF_DAY, 5, "write HH:MM"),
  TIME_ZONE(Patterns.TIME_ZONE, 64, "write an IANA time zone such as Europe/Berlin"),
  CRON(Patterns.CRON, 128, "write five fields, or a macro such as @daily");

  private static final Map<String, Grammar> BY_PATTERN =
      Arrays.stream(values())
          .collect(Collectors.toMap(Grammar::pattern, Function.identity(), (one, other) -> one));

  private static final java.util.regex.Pattern FRAMING_HEADERS =
      java.util.regex.Pattern.compile(Patterns.FRAMING_HEADERS);

  /** A longer text is no help to who reads the message. */
  private static final int SHOWN = 64;

  private final java.util.regex.Pattern pattern;
  private final int longest;
  private final String cure;

  Grammar(String pattern, int longest, String cure) {
    this.pattern = java.util.regex.Pattern.compile(pattern);
    this.longest = longest;
    this.cure = cure;
  }

  /** How to write such a text; {@code pattern} is one of {@link Patterns} or another. */
  static String cure(String pattern) {
    Grammar grammar = BY_PATTERN.get(pattern);
    return grammar == null ? "it must match " + pattern : grammar.cure;
  }

  private String pattern() {
    return pattern.pattern();
  }

  /** Whether a text is of this grammar. */
  public boolean accepts(String text) {
    // Java's matcher takes stack for each repetition of a group.
    return text.length() <= longest && pattern.matcher(text).matches();
  }

  /**
   * The text itself.
   *
   * @param field where it stands, for people
   * @throws InvalidSpecException when it is not of this grammar; the message names field and cure
   */
  public String check(String field, String text) {
    if (!accepts(text)) {
      throw new InvalidSpecException(fault(field, text));
    }
    return text;
  }

  /** What to tell of a text that is not of this grammar. */
  public String fault(String field, String text) {
    return field + ": " + shown(text) + " cannot be used; " + cure;
  }

  /**
   * The name of a header that somebody may set: none by which HTTP frames messages or keeps up
   * connections.
   *
   * @param field where it stands, for people
   * @throws InvalidSpecException when it is another, or no header's name
   */
  public static String checkHeader(String field, String name) {
    HEADER_NAME.check(field, name);
    if (FRAMING_HEADERS.matcher(name).matches()) {
      throw new InvalidSpecException(
          field + ": " + name + " is a header that HTTP itself uses; name another");
    }
    return name;
  }

  /** A text in quotes, short, and with '?' for all that is not printable ASCII. */
  public static String shown(String text) {
    String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
    return "'" + start.replaceAll("[^ -~]", "?") + "'";
  }
}
