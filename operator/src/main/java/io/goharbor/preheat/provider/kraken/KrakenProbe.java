package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Health;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks proxy and origins at the same time whether they can be used, within one time-out. */
final class KrakenProbe {
  /**
   * What came of it.
   *
   * @param trouble why Kraken cannot be used; null: it can
   * @param prefetch whether the origins offer it; null when they were not asked
   */
  record Findings(Health.@Nullable Unusable trouble, @Nullable Boolean prefetch) {}

  private final KrakenProxy proxy;
  private final @Nullable KrakenOrigins origins;
  private final Duration limit;

  KrakenProbe(KrakenProxy proxy, @Nullable KrakenOrigins origins, Duration limit) {
    this.proxy = proxy;
    this.origins = origins;
    this.limit = limit;
  }

  Findings run() {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      CompletableFuture<Findings> first =
          CompletableFuture.supplyAsync(this::askProxy, threads)
              .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
      CompletableFuture<Findings> second =
          CompletableFuture.supplyAsync(this::askOrigins, threads)
              .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
      Findings ofProxy = result(first, "kraken.proxyURL");
      return ofProxy.trouble() != null ? ofProxy : result(second, "kraken.originURL");
    } finally {
      // Not close(): it would wait for a call that takes longer than the time-out.
      threads.shutdownNow();
    }
  }

  private Findings askProxy() {
    try {
      proxy.health();
      proxy.takesNotifications();
      return new Findings(null, null);
    } catch (RemoteCallException e) {
      return trouble("kraken.proxyURL", e);
    }
  }

  private Findings askOrigins() {
    if (origins == null) {
      return new Findings(null, null);
    }
    try {
      origins.readiness();
      return new Findings(null, origins.offersPrefetch());
    } catch (RemoteCallException e) {
      return trouble("kraken.originURL", e);
    }
  }

  private Findings result(CompletableFuture<Findings> asked, String field) {
    try {
      return asked.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) {
        return new Findings(
            new Health.Unusable(
                Reason.UNREACHABLE,
                field + ": no answer within healthCheck.timeout (" + limit.toMillis() + " ms)",
                false),
            null);
      }
      throw e;
    }
  }

  private static Findings trouble(String field, RemoteCallException e) {
    String message = e.describe();
    return new Findings(
        new Health.Unusable(
            e.reason(),
            message.contains(field) ? message : field + ": " + message,
            e.status() != 0),
        null);
  }
}
