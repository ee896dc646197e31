package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import java.time.Duration;
import java.time.Instant;
import okhttp3.HttpUrl;

/** Harbor's token service: short-lived rights to pull from one repository. */
final class PullTokens {
  /** Harbor's default life of a token, taken when it does not tell. */
  private static final long DEFAULT_LIFE_SECONDS = 1800;

  private final RemoteSystem api;
  private final Cache<String, PullAuthorization> cache =
      Caffeine.newBuilder().maximumSize(1000).expireAfterWrite(Duration.ofMinutes(5)).build();

  PullTokens(RemoteSystem api) {
    this.api = api;
  }

  /** A token for the operator's own reads; may be some minutes old. */
  PullAuthorization get(String repository) throws RemoteCallException {
    PullAuthorization known = cache.getIfPresent(repository);
    if (known != null) {
      return known;
    }
    PullAuthorization minted = mint(repository);
    cache.put(repository, minted);
    return minted;
  }

  /**
   * A fresh token, to be handed on. Harbor gives one to anonymous callers of public projects too.
   */
  PullAuthorization mint(String repository) throws RemoteCallException {
    HttpUrl url =
        api.url("service/token")
            .addQueryParameter("service", "harbor-registry")
            .addQueryParameter("scope", "repository:" + repository + ":pull")
            .build();
    JsonNode answer = api.getJson(url);
    String token = answer.path("token").asText("");
    if (token.isEmpty()) {
      token = answer.path("access_token").asText("");
    }
    if (token.isEmpty()) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          200,
          api.name() + ": the token service gave no token for " + repository,
          null,
          false,
          null);
    }
    long life = answer.path("expires_in").asLong(DEFAULT_LIFE_SECONDS);
    return new PullAuthorization("Bearer " + token, Instant.now().plusSeconds(life));
  }
}
