package io.goharbor.preheat.harbor;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The right to pull from one repository.
 *
 * @param headerValue value of the Authorization header; null: pulled anonymously
 * @param expires when it ends; null: never
 */
public record PullAuthorization(@Nullable String headerValue, @Nullable Instant expires) {
  /** A pull without any sign-in. */
  public static final PullAuthorization ANONYMOUS = new PullAuthorization(null, null);

  /** The header, if one is needed. */
  public Optional<String> header() {
    return Optional.ofNullable(headerValue);
  }

  @Override
  public String toString() {
    return "PullAuthorization["
        + (headerValue == null ? "anonymous" : "***")
        + ", "
        + expires
        + "]";
  }
}
