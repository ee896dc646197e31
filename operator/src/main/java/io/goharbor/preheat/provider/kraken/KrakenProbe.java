package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Notice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks proxy and origins at the same time whether they can be used, within one time-out. Where the
 * origins can, Kraken can: the proxy is a way to them that few need.
 */
final class KrakenProbe {
  /** Condition: whether what is preheated can be verified. */
  static final String VERIFIABLE = "Verifiable";

  /** Condition: whether the proxy takes notifications. */
  static final String NOTIFIABLE = "Notifiable";

  /** What people read when no origins are configured. */
  static final String SET_ORIGINS =
      "Kraken's origins cannot be asked: set spec.kraken.originURL of the P2PProvider";

  /**
   * What came of it.
   *
   * @param trouble why Kraken cannot be used; null: it can
   * @param prefetch whether the origins offer it; null when they were not asked
   */
  record Findings(
      Health.@Nullable Unusable trouble, @Nullable Boolean prefetch, List<Notice> notices) {}

  private record Part(Health.@Nullable Unusable trouble, @Nullable Boolean prefetch) {}

  private final @Nullable KrakenProxy proxy;
  private final @Nullable KrakenOrigins origins;
  private final Duration limit;

  KrakenProbe(@Nullable KrakenProxy proxy, @Nullable KrakenOrigins origins, Duration limit) {
    this.proxy = proxy;
    this.origins = origins;
    this.limit = limit;
  }

  Findings run() {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      CompletableFuture<Part> first =
          CompletableFuture.supplyAsync(this::askProxy, threads)
              .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
      CompletableFuture<Part> second =
          CompletableFuture.supplyAsync(this::askOrigins, threads)
              .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
      Part ofOrigins = result(second, "kraken.originURL");
      Part ofProxy = result(first, "kraken.proxyURL");
      Health.Unusable trouble = origins == null ? ofProxy.trouble() : ofOrigins.trouble();
      return new Findings(trouble, ofOrigins.prefetch(), notices(ofProxy.trouble()));
    } finally {
      // Not close(): it would wait for a call that takes longer than the time-out.
      threads.shutdownNow();
    }
  }

  private List<Notice> notices(Health.@Nullable Unusable proxyTrouble) {
    List<Notice> notices = new ArrayList<>();
    notices.add(
        origins == null
            ? new Notice(VERIFIABLE, false, Reason.UNVERIFIED, SET_ORIGINS)
            : new Notice(VERIFIABLE, true, Reason.READY, "The origins are asked what they hold."));
    if (proxy != null && proxyTrouble == null) {
      notices.add(new Notice(NOTIFIABLE, true, Reason.READY, "The proxy takes notifications."));
    } else if (proxyTrouble != null) {
      notices.add(
          new Notice(
              NOTIFIABLE,
              false,
              proxyTrouble.reason(),
              proxyTrouble.message()
                  + ". The origins are asked to fetch instead; correct kraken.proxyURL or leave it"
                  + " out"));
    }
    return notices;
  }

  private Part askProxy() {
    if (proxy == null) {
      return new Part(null, null);
    }
    try {
      proxy.health();
      proxy.takesNotifications();
      return new Part(null, null);
    } catch (RemoteCallException e) {
      return trouble("kraken.proxyURL", e);
    }
  }

  private Part askOrigins() {
    if (origins == null) {
      return new Part(null, null);
    }
    try {
      origins.readiness();
      return new Part(null, origins.offersPrefetch());
    } catch (RemoteCallException e) {
      return trouble("kraken.originURL", e);
    }
  }

  private Part result(CompletableFuture<Part> asked, String field) {
    try {
      return asked.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        return new Part(
            new Health.Unusable(
                Reason.UNREACHABLE,
                field + ": no answer within healthCheck.timeout (" + limit.toMillis() + " ms)",
                false),
            null);
      }
      throw e;
    }
  }

  private static Part trouble(String field, RemoteCallException e) {
    String message = e.describe();
    return new Part(
        new Health.Unusable(
            e.reason(),
            message.contains(field) ? message : field + ": " + message,
            e.status() != 0),
        null);
  }
}
