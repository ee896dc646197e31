package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Harbor's delivery of webhooks: a job for each event and policy, at most ten at a time, three
 * tries of three seconds each, anything but 2xx is a failure, and after the last one the event is
 * lost.
 */
public final class WebhookJobs implements AutoCloseable {
  /** A finished job. */
  public record Delivery(String type, String address, int tries, boolean delivered) {}

  private static final int TRIES = 3;
  private static final int WORKERS = 10;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-job-", 0).factory());
  private final Semaphore workers = new Semaphore(WORKERS);
  private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
  private final AtomicLong underWay = new AtomicLong();
  private final double timeScale;

  WebhookJobs(double timeScale) {
    this.timeScale = timeScale;
  }

  /** Jobs that ended. */
  public List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  /** Jobs that wait or run. */
  public long underWay() {
    return underWay.get();
  }

  void enqueue(String type, JsonNode target, String contentType, byte[] body) {
    underWay.incrementAndGet();
    threads.execute(() -> {
      try {
        run(type, target, contentType, body);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        underWay.decrementAndGet();
      }
    });
  }

  private void run(String type, JsonNode target, String contentType, byte[] body)
      throws InterruptedException {
    String address = target.path("address").asText();
    for (int fails = 0; fails < TRIES; ) {
      workers.acquire();
      boolean ok;
      try {
        ok = post(address, target.path("auth_header").asText(""), contentType, body);
      } finally {
        workers.release();
      }
      if (ok) {
        deliveries.add(new Delivery(type, address, fails + 1, true));
        return;
      }
      fails++;
      // Harbor's own back-off, in seconds.
      double pause =
          Math.pow(fails, 4) + 15 + ThreadLocalRandom.current().nextInt(30) * (fails + 1.0);
      Thread.sleep((long) (pause * 1000 * timeScale));
    }
    deliveries.add(new Delivery(type, address, TRIES, false));
  }

  private boolean post(String address, String authorization, String contentType, byte[] body)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address))
            .timeout(Duration.ofSeconds(3))
            .header("Content-Type", contentType)
            .header("User-Agent", "Go-http-client/1.1")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    try {
      int status =
          client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      return status >= 200 && status < 300;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.shutdownNow();
  }
}
