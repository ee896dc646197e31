package io.goharbor.preheat.runtime;

import io.goharbor.preheat.server.Exchange;
import io.goharbor.preheat.server.HttpListener;
import io.goharbor.preheat.server.ListenerLimits;
import io.goharbor.preheat.server.Reply;
import io.goharbor.preheat.server.Service;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Health and metrics over HTTP. Probes are answered by the platform thread that reads them: virtual
 * threads share a few carriers, and one that computes without end keeps its own. Metrics are made
 * on a thread beside it, and sent without one.
 */
final class ManagementServer implements AutoCloseable {
  /** The kubelet, Prometheus and people; more is a mistake or malice. */
  private static final ListenerLimits LIMITS =
      new ListenerLimits(
          64, 64, Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30), 8192, 64);

  /** Texts of metrics in memory at the same time; each may take megabytes. */
  private static final int MAX_SCRAPES = 4;

  private final ExecutorService scrapes =
      new ThreadPoolExecutor(
          0,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_SCRAPES),
          Thread.ofPlatform().name("metrics").factory());
  private final HttpListener listener;

  /**
   * A server that does not answer yet.
   *
   * @param notReady why no event should be sent here, as a sentence
   * @param dead why only a new process would help, as a sentence
   * @param beforeScrape brings the meters up to date
   */
  ManagementServer(
      InetSocketAddress address,
      Supplier<Optional<String>> notReady,
      Supplier<Optional<String>> dead,
      PrometheusMeterRegistry meters,
      Runnable beforeScrape,
      Supervisor supervisor)
      throws IOException {
    listener =
        new HttpListener(
            "management",
            address,
            null,
            LIMITS,
            HttpListener.Threads.PLATFORM,
            new Pages(notReady, dead, meters, beforeScrape),
            supervisor);
  }

  void start() {
    listener.start();
  }

  int port() {
    return listener.port();
  }

  @Override
  public void close() {
    listener.close();
    scrapes.shutdown();
  }

  private final class Pages implements Service {
    private final Supplier<Optional<String>> notReady;
    private final Supplier<Optional<String>> dead;
    private final PrometheusMeterRegistry meters;
    private final Runnable beforeScrape;

    Pages(
        Supplier<Optional<String>> notReady,
        Supplier<Optional<String>> dead,
        PrometheusMeterRegistry meters,
        Runnable beforeScrape) {
      this.notReady = notReady;
      this.dead = dead;
      this.meters = meters;
      this.beforeScrape = beforeScrape;
    }

    @Override
    public Executor threads(Exchange exchange) {
      return exchange.path().equals("/metrics") ? scrapes : Runnable::run;
    }

    @Override
    public Reply answer(Exchange exchange) {
      return switch (exchange.path()) {
        case "/livez" -> dead.get().map(why -> error(503, why)).orElse(OK);
        case "/readyz" -> notReady.get().map(why -> error(503, why)).orElse(OK);
        case "/metrics" -> metrics();
        default -> error(404, "here are /livez, /readyz and /metrics");
      };
    }

    /** Probes are answered at once, so what is at work is other scrapes. */
    private Reply metrics() {
      if (listener.atWork() > MAX_SCRAPES) {
        return error(503, "too many scrapes at the same time; ask again");
      }
      beforeScrape.run();
      return text(200, meters.scrape());
    }

    private static final Reply OK = text(200, "ok\n");

    @Override
    public Reply error(int status, String sentence) {
      return text(status, sentence + "\n");
    }

    private static Reply text(int status, String text) {
      return new Reply(
          status,
          "text/plain; version=0.0.4; charset=utf-8",
          Map.of(),
          text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
