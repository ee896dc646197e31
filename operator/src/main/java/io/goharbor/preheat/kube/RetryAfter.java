package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits as long as a busy API server asks for before a request is tried again. fabric8's client
 * (7.8.0, {@code AsyncUtils}) reads {@code Retry-After} and then takes its own pause, a tenth of a
 * second at first.
 */
public final class RetryAfter implements Interceptor {
  /** Well within the time that the client gives a request; the server usually asks for a second. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  @Override
  public CompletableFuture<Boolean> afterFailure(
      BasicBuilder request, HttpResponse<?> response, RequestTags tags) {
    Duration pause =
        response.code() == 429 || response.code() == 503
            ? pause(response.header("Retry-After"))
            : Duration.ZERO;
    return pause.isZero()
        ? CompletableFuture.completedFuture(false)
        : CompletableFuture.supplyAsync(
            // Not sent again from here: how often that is done is the client's to decide.
            () -> false,
            CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** The pause that a header asks for. Kubernetes gives whole seconds. */
  static Duration pause(@Nullable String header) {
    if (header == null || !header.matches("[0-9]{1,9}")) {
      return Duration.ZERO;
    }
    Duration asked = Duration.ofSeconds(Long.parseLong(header));
    return asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
  }
}
