package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes are answered whatever the rest does. */
class ManagementServerTest {
  private final CountDownLatch gate = new CountDownLatch(1);
  private volatile @Nullable String waitsFor = "the caches are being filled";
  private volatile @Nullable String ended;
  private volatile boolean slow;
  private volatile boolean over;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private ManagementServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new ManagementServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> Optional.ofNullable(waitsFor),
            () -> Optional.ofNullable(ended),
            meters,
            this::beforeScrape,
            new Supervisor(_ -> {}));
    server.start();
  }

  @AfterEach
  void stop() {
    over = true;
    gate.countDown();
    server.close();
  }

  @Test
  void pages_say_what_they_say() throws Exception {
    meters.counter("some.counter").increment();
    assertThat(get("/livez")).isEqualTo("200 ok\n");
    assertThat(get("/readyz")).isEqualTo("503 the caches are being filled\n");
    waitsFor = null;
    assertThat(get("/readyz")).isEqualTo("200 ok\n");
    ended = "the loop certificate has ended";
    assertThat(get("/livez")).isEqualTo("503 the loop certificate has ended\n");
    assertThat(get("/metrics")).startsWith("200 ").contains("some_counter_total 1.0");
    assertThat(get("/")).startsWith("404 ");
  }

  /** By raw sockets: a client that used virtual threads would starve too. */
  @Test
  void probes_are_answered_while_virtual_threads_compute_without_end() throws Exception {
    waitsFor = null;
    int carriers = Runtime.getRuntime().availableProcessors();
    CountDownLatch spinning = new CountDownLatch(carriers);
    for (int i = 0; i < 4 * carriers; i++) {
      Thread.ofVirtual()
          .start(() -> {
            spinning.countDown();
            while (!over) {
              Thread.onSpinWait();
            }
          });
    }
    spinning.await();
    for (String path : List.of("/livez", "/readyz", "/livez", "/readyz")) {
      assertThat(raw(path)).as(path).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void probes_are_answered_while_scrapes_hang() throws Exception {
    slow = true;
    List<Socket> scrapers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      scrapers.add(send("/metrics"));
    }
    for (int i = 0; i < 5; i++) {
      assertThat(raw("/livez")).startsWith("HTTP/1.1 200 ");
    }
    gate.countDown();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(get("/metrics")).startsWith("200 "));
    for (Socket scraper : scrapers) {
      assertThat(scraper.getInputStream().readNBytes(12)).asString().matches("HTTP/1.1 (200|503)");
      scraper.close();
    }
  }

  private void beforeScrape() {
    try {
      if (slow) {
        gate.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Socket send(String path) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private String raw(String path) throws IOException {
    try (Socket socket = send(path)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }
}
