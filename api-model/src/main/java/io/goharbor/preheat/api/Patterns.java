package io.goharbor.preheat.api;

/** Regular expressions and limits of the schema, kept together so that the kinds agree. */
public final class Patterns {
  /** An {@code http} or {@code https} URL without query, fragment or user information. */
  public static final String URL = "^https?://[^/?#@\\s]+(/[^?#\\s]*)?$";

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
  public static final String DIGEST = "^sha256:[0-9a-f]{64}$";

  /** A platform: {@code os/arch} or {@code os/arch/variant}. */
  public static final String PLATFORM = "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$";

  /** The name of a Kubernetes object. */
  public static final String OBJECT_NAME = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";

  private Patterns() {}
}
