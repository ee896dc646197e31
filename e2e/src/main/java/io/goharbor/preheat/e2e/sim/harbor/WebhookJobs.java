package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Harbor's delivery of webhooks: a job for each event, policy and target, at most ten at a time,
 * three tries of three seconds each, anything but 2xx is a failure, and after the last one the
 * event is lost.
 */
public final class WebhookJobs implements AutoCloseable {
  /**
   * A job that ended.
   *
   * @param tries what came of each try: a status, or words for a broken connection
   */
  public record Delivery(
      String type, String address, String payload, List<String> tries, boolean delivered) {}

  private static final int TRIES = 3;
  private static final int WORKERS = 10;
  private static final int HISTORY = 1000;

  private final OkHttpClient verifying =
      new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(3)).build();
  private final OkHttpClient trusting = trusting(verifying);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-job-", 0).factory());
  private final Semaphore workers = new Semaphore(WORKERS);
  private final ConcurrentLinkedDeque<Delivery> deliveries = new ConcurrentLinkedDeque<>();
  private final AtomicLong underWay = new AtomicLong();
  private volatile Consumer<Delivery> onEnd = delivery -> {};
  private final double timeScale;

  /**
   * Jobs.
   *
   * @param timeScale what the pauses between tries (minutes) are multiplied with
   */
  WebhookJobs(double timeScale) {
    this.timeScale = timeScale;
  }

  /** The jobs that ended, oldest first; the last thousand. */
  public List<Delivery> deliveries() {
    return List.copyOf(deliveries);
  }

  /** Jobs that wait or run. */
  public long underWay() {
    return underWay.get();
  }

  /** Tells of every job that ends from now on. */
  public void onEnd(Consumer<Delivery> sink) {
    onEnd = sink;
  }

  static boolean isCloudEvent(JsonNode target) {
    return target.path("payload_format").asText().equals("CloudEvents");
  }

  void enqueue(String type, JsonNode target, byte[] payload) {
    Request request = request(target, payload);
    OkHttpClient client = target.path("skip_cert_verify").asBoolean() ? trusting : verifying;
    underWay.incrementAndGet();
    threads.execute(() -> {
      try {
        run(type, client, request, payload);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        underWay.decrementAndGet();
      }
    });
  }

  private static Request request(JsonNode target, byte[] payload) {
    // RequestBody adds no charset to bytes, and neither does Harbor.
    MediaType type =
        MediaType.get(isCloudEvent(target) ? "application/cloudevents+json" : "application/json");
    Request.Builder request =
        new Request.Builder()
            .url(target.path("address").asText())
            .header("User-Agent", "Go-http-client/1.1")
            .post(RequestBody.create(payload, type));
    String authorization = target.path("auth_header").asText("");
    return authorization.isEmpty()
        ? request.build()
        : request.header("Authorization", authorization).build();
  }

  private void run(String type, OkHttpClient client, Request request, byte[] payload)
      throws InterruptedException {
    List<String> tries = new ArrayList<>();
    boolean delivered = false;
    while (!delivered && tries.size() < TRIES) {
      if (!tries.isEmpty()) {
        Thread.sleep(pause(tries.size()));
      }
      workers.acquire();
      try {
        tries.add(post(client, request));
      } finally {
        workers.release();
      }
      delivered = tries.getLast().matches("2[0-9][0-9]");
    }
    Delivery ended =
        new Delivery(
            type,
            request.url().toString(),
            new String(payload, StandardCharsets.UTF_8),
            List.copyOf(tries),
            delivered);
    onEnd.accept(ended);
    deliveries.add(ended);
    if (deliveries.size() > HISTORY) {
      deliveries.pollFirst();
    }
  }

  /** The back-off of Harbor's job queue, in its seconds. */
  private Duration pause(int fails) {
    double seconds =
        Math.pow(fails, 4) + 15 + ThreadLocalRandom.current().nextInt(30) * (fails + 1.0);
    return Duration.ofMillis((long) (seconds * 1000 * timeScale));
  }

  private static String post(OkHttpClient client, Request request) {
    try (Response response = client.newCall(request).execute()) {
      return Integer.toString(response.code());
    } catch (InterruptedIOException e) {
      return "timed out";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** For targets with skip_cert_verify. */
  private static OkHttpClient trusting(OkHttpClient client) {
    X509TrustManager everybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String authType) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {everybody}, new SecureRandom());
      return client
          .newBuilder()
          .sslSocketFactory(tls.getSocketFactory(), everybody)
          .hostnameVerifier((host, session) -> true)
          .build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    verifying.dispatcher().executorService().shutdown();
    verifying.connectionPool().evictAll();
  }
}
