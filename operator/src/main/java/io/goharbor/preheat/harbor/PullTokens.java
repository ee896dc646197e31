package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/** Harbor's token service: short-lived rights to pull from one repository. */
final class PullTokens {
  /** Harbor's default life of a token, taken when it does not tell. */
  private static final long DEFAULT_LIFE_SECONDS = 1800;

  /** What a cached token must have left, so that it does not end on its way. */
  private static final Duration RESERVE = Duration.ofMinutes(1);

  /** RFC 6750 allows fewer characters; a header can carry these. */
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  private static final Pattern DOT = Pattern.compile("\\.");

  private final RemoteSystem api;
  private final InstantSource clock;
  private final Cache<String, PullAuthorization> cache =
      Caffeine.newBuilder().maximumSize(1000).expireAfterWrite(Duration.ofMinutes(5)).build();

  PullTokens(RemoteSystem api, InstantSource clock) {
    this.api = api;
    this.clock = clock;
  }

  /** A token for the operator's own reads; may be some minutes old. */
  PullAuthorization get(String repository) throws RemoteCallException {
    PullAuthorization known = cache.getIfPresent(repository);
    if (known != null
        && known.expires() != null
        && clock.instant().plus(RESERVE).isBefore(known.expires())) {
      return known;
    }
    PullAuthorization minted = mint(repository);
    cache.put(repository, minted);
    return minted;
  }

  /** Lets the next {@link #get} mint a token. */
  void forget(String repository) {
    cache.invalidate(repository);
  }

  /**
   * A fresh token, to be handed on. The registry wants one for public projects too; Harbor gives it
   * to anonymous callers.
   *
   * @throws RemoteCallException also when Harbor gives a token without the right to pull, as it
   *     does when the account is wrong or lacks the permission
   */
  PullAuthorization mint(String repository) throws RemoteCallException {
    // In a scope, a comma or a space would be another right.
    HarborNames.fullRepository(api, repository);
    HttpUrl url =
        api.url("service", "token")
            .addQueryParameter("service", "harbor-registry")
            .addQueryParameter("scope", "repository:" + repository + ":pull")
            .build();
    JsonNode answer = api.getJson(url, AnswerLimit.TOKEN);
    String token = answer.path("token").asText("");
    if (token.isEmpty()) {
      token = answer.path("access_token").asText("");
    }
    if (token.isEmpty()) {
      throw failure(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          "the token service gave no token for " + repository);
    }
    if (!TOKEN.matcher(token).matches()) {
      // Without the token: the HTTP client would throw, and might quote it.
      throw failure(
          FailureClass.PERMANENT,
          Reason.UNEXPECTED_ANSWER,
          "the token service gave something for " + repository + " that no header can carry");
    }
    api.hide(token);
    if (refuses(token, repository)) {
      throw failure(
          FailureClass.PERMANENT,
          Reason.PULL_DENIED,
          api.settings().credential() instanceof Credential.None
              ? repository
                  + " cannot be pulled anonymously; set credentialsSecretRef, or make the project"
                  + " public"
              : "the account may not pull "
                  + repository
                  + "; give the robot account the permission repository:pull on the project, and"
                  + " check that it is neither expired nor disabled");
    }
    long life = answer.path("expires_in").asLong(0);
    Instant expires = clock.instant().plusSeconds(life > 0 ? life : DEFAULT_LIFE_SECONDS);
    return new PullAuthorization("Bearer " + token, expires);
  }

  /**
   * Whether a token says itself that it gives no right to pull. Harbor's tokens are JSON Web Tokens
   * with the claim {@code access} of the Docker token specification; a token that cannot be read is
   * left to the registry's judgement.
   */
  private static boolean refuses(String token, String repository) {
    String[] parts = DOT.split(token, -1);
    if (parts.length != 3) {
      return false;
    }
    try {
      JsonNode access =
          RemoteSystem.JSON.readTree(Base64.getUrlDecoder().decode(parts[1])).path("access");
      if (!access.isArray()) {
        return false;
      }
      for (JsonNode grant : access) {
        if (grant.path("name").asText().equals(repository)) {
          for (JsonNode action : grant.path("actions")) {
            if (action.asText().equals("pull") || action.asText().equals("*")) {
              return false;
            }
          }
        }
      }
      return true;
    } catch (IOException | IllegalArgumentException unreadable) {
      return false;
    }
  }

  private RemoteCallException failure(FailureClass failureClass, Reason reason, String message) {
    return new RemoteCallException(
        failureClass, reason, 200, api.name() + ": " + message, null, false, null);
  }
}
