package io.goharbor.preheat.api;

/** Regular expressions and limits of the schema, kept together so that the kinds agree. */
public final class Patterns {
  private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final String HOST_LABEL = "[A-Za-z0-9_]([-A-Za-z0-9_]*[A-Za-z0-9_])?";
  private static final String HOST =
      "(" + HOST_LABEL + "(\\." + HOST_LABEL + ")*\\.?|\\[[0-9A-Fa-f:.]+\\])";
  private static final String PORT = ":[0-9]{1,5}";
  // The name of one part as the OCI distribution specification has it.
  private static final String PART = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";
  // Harbor's own rule for a project's name is stricter.
  private static final String PROJECT_PART = "[a-z0-9]+([._-][a-z0-9]+)*";
  private static final String TAG_TEXT = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
  private static final String DIGEST_TEXT = "sha256:[0-9a-f]{64}";

  /**
   * An {@code http} or {@code https} URL without query, fragment or user information. No part of
   * its path can be taken for another directory, however a server decodes it.
   */
  public static final String URL =
      "^https?://" + HOST + "(" + PORT + ")?(/\\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$";

  /** A host name, IPv4 address or IPv6 address in brackets, and a port. */
  public static final String HOST_PORT = "^" + HOST + PORT + "$";

  /**
   * A duration as Go and Kubernetes write it, such as {@code 90s} or {@code 1h30m}. It lets through
   * exactly what {@link DurationText#parse} reads; zero is one.
   */
  public static final String DURATION = "^([0-9]{1,9}(ms|s|m|h))+$";

  /** A time of day, {@code HH:MM}. */
  public static final String TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

  /** An IANA time zone name. */
  public static final String TIME_ZONE = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$";

  /** Five cron fields, or one of the usual macros. */
  public static final String CRON =
      "^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|\\S+( +\\S+){4})$";

  /** A content digest as OCI registries write it. */
  public static final String DIGEST = "^" + DIGEST_TEXT + "$";

  /** A digest of any algorithm, as manifests may hold it. */
  public static final String CONTENT_DIGEST = "^[a-z0-9]+([.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]{1,256}$";

  /** A project of Harbor. */
  public static final String PROJECT = "^" + PROJECT_PART + "$";

  /** A repository without its project. */
  public static final String REPOSITORY = "^" + PART + "(/" + PART + ")*$";

  /** A repository with its project. */
  public static final String FULL_REPOSITORY = "^" + PROJECT_PART + "(/" + PART + ")+$";

  /** A tag. */
  public static final String TAG = "^" + TAG_TEXT + "$";

  /** An image with its registry: {@code host[:port]/project/repository[:tag][@digest]}. */
  public static final String IMAGE =
      "^"
          + HOST
          + "("
          + PORT
          + ")?/"
          + PROJECT_PART
          + "(/"
          + PART
          + ")+(:"
          + TAG_TEXT
          + ")?(@"
          + DIGEST_TEXT
          + ")?$";

  /** A platform: {@code os/arch} or {@code os/arch/variant}. */
  public static final String PLATFORM = "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$";

  /** The name of a Kubernetes object: a DNS subdomain of RFC 1123. */
  public static final String OBJECT_NAME = "^" + LABEL + "(\\." + LABEL + ")*$";

  /** The name of a namespace: a DNS label of RFC 1123. */
  public static final String NAMESPACE = "^" + LABEL + "$";

  /** A key in the data of a Secret or ConfigMap; like a file, none is called {@code ..}. */
  public static final String DATA_KEY = "^\\.?[-_A-Za-z0-9][-._A-Za-z0-9]*$";

  /** The name of an HTTP header: a token of RFC 9110. */
  public static final String HEADER_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

  /** Headers that frame a message or belong to one connection (RFC 9110, 7.6.1); none is to set. */
  public static final String FRAMING_HEADERS =
      "(?i)^(host|content-length|content-type|content-encoding|transfer-encoding|te|trailer"
          + "|connection|keep-alive|proxy-connection|proxy-authenticate|proxy-authorization|upgrade"
          + "|expect|http2-settings|accept-encoding|range)$";

  /** A text that an HTTP header can carry as it is. */
  public static final String HEADER_TEXT = "^[!-~]([ -~]*[!-~])?$";

  /** The name of a query parameter. */
  public static final String QUERY_PARAMETER = "^[!-%'-~]+$";

  /** An IPv4 or IPv6 address. */
  public static final String IP = "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$";

  /** Kraken's namespace of an image; names in braces are replaced. */
  public static final String KRAKEN_TEMPLATE =
      "^([A-Za-z0-9_]|\\{project\\}|\\{repository\\})"
          + "([A-Za-z0-9_:-]|[./][A-Za-z0-9_-]|[./]?\\{project\\}|[./]?\\{repository\\})*$";

  /** Characters of a doublestar pattern. */
  public static final int GLOB_LENGTH = 256;

  /** Stars in a doublestar pattern, escaped ones too. */
  public static final int GLOB_STARS = 32;

  /** Opening braces and commas in a doublestar pattern together, escaped ones too. */
  public static final int GLOB_ALTERNATIVES = 64;

  /** In CEL: the pattern p keeps to {@link #GLOB_STARS} and {@link #GLOB_ALTERNATIVES}. */
  static final String CEL_GLOB =
      "p.matches('^([^*]*[*]){0,"
          + GLOB_STARS
          + "}[^*]*$') && p.matches('^([^{,]*[{,]){0,"
          + GLOB_ALTERNATIVES
          + "}[^{,]*$')";

  /** What to do about a pattern beyond these limits. */
  static final String GLOB_MESSAGE =
      "a pattern has more than "
          + GLOB_STARS
          + " '*', or more than "
          + GLOB_ALTERNATIVES
          + " '{' and ',': split it into several patterns";

  private Patterns() {}
}
