package io.goharbor.preheat.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * One outside system: adds the credential, keeps the rate, bounds the size of answers and turns
 * every failure into a {@link RemoteCallException}.
 */
public final class RemoteSystem {
  /** The mapper of all wire formats: unknown fields are tolerated. */
  public static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** Hears of each request. */
  @FunctionalInterface
  interface Listening {
    void ended(Request request, RequestListener.Outcome outcome, Duration took);
  }

  private static final MediaType JSON_TYPE = MediaType.get("application/json");
  private static final int DEFAULT_LIMIT = 32 * 1024 * 1024;

  private final String name;
  private final ConnectionSettings settings;
  private final OkHttpClient client;
  private final HttpUrl base;
  private final RateLimiter rate;
  private final Listening listening;
  private final Consumer<String> secrets;
  private final LongAdder requests = new LongAdder();

  RemoteSystem(
      String name,
      ConnectionSettings settings,
      OkHttpClient client,
      Listening listening,
      Consumer<String> secrets) {
    // A permit must come within the read time-out; a call that waits longer is told to wait.
    this(
        name,
        settings,
        client,
        RateLimiter.of(
            name,
            RateLimiterConfig.custom()
                .limitForPeriod(Math.max(1, settings.requestsPerSecond() / 10))
                .limitRefreshPeriod(
                    Duration.ofNanos(
                        1_000_000_000L
                            * Math.max(1, settings.requestsPerSecond() / 10)
                            / settings.requestsPerSecond()))
                .timeoutDuration(settings.readTimeout())
                .build()),
        listening,
        secrets);
  }

  private RemoteSystem(
      String name,
      ConnectionSettings settings,
      OkHttpClient client,
      RateLimiter rate,
      Listening listening,
      Consumer<String> secrets) {
    this.name = name;
    this.settings = settings;
    this.client = client;
    this.base = HttpUrl.get(settings.baseUrl() + "/");
    this.rate = rate;
    this.listening = listening;
    this.secrets = secrets;
  }

  /** The same system for calls that take longer; both keep one rate together. */
  public RemoteSystem withReadTimeout(Duration timeout) {
    return new RemoteSystem(
        name,
        settings.withReadTimeout(timeout),
        client
            .newBuilder()
            .readTimeout(timeout)
            .writeTimeout(timeout)
            .callTimeout(timeout.plus(Duration.ofSeconds(30)))
            .build(),
        rate,
        listening,
        secrets);
  }

  /** A value that this system gave, and that must not be shown, such as a token. */
  public void hide(String value) {
    secrets.accept(value);
  }

  /** What the system is called in messages, such as {@code Harbor default/main}. */
  public String name() {
    return name;
  }

  /** The settings that it was opened with. */
  public ConnectionSettings settings() {
    return settings;
  }

  /** Requests sent since it was opened. */
  public long requestCount() {
    return requests.sum();
  }

  /** The URL of a path below the base. */
  public HttpUrl.Builder url(UrlPath path) {
    return HttpUrl.get(settings.baseUrl() + "/" + path).newBuilder();
  }

  /** The URL of a path below the base, of segments that the program itself gives. */
  public HttpUrl.Builder url(String first, String... rest) {
    return url(UrlPath.of(first, rest));
  }

  /** The base URL. */
  public HttpUrl base() {
    return base;
  }

  /** Sends a GET and reads JSON. */
  public JsonNode getJson(HttpUrl url) throws RemoteCallException {
    return send(new Request.Builder().url(url).header("Accept", "application/json").build()).json();
  }

  /** A body of JSON. */
  public static RequestBody jsonBody(Object value) {
    try {
      return RequestBody.create(JSON.writeValueAsBytes(value), JSON_TYPE);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("value cannot be written as JSON", e);
    }
  }

  /** Sends a request; every status but 2xx is a {@link RemoteCallException}. */
  public Reply send(Request request) throws RemoteCallException {
    return send(request, DEFAULT_LIMIT);
  }

  /**
   * Sends a request; every status but 2xx is a {@link RemoteCallException}.
   *
   * @param maxBytes a longer body is refused
   */
  public Reply send(Request request, int maxBytes) throws RemoteCallException {
    Reply reply = exchange(request, maxBytes);
    if (!reply.successful()) {
      throw Failures.ofStatus(this, request, reply);
    }
    return reply;
  }

  /**
   * Sends a request and returns whatever answer comes; only a missing answer is an exception.
   *
   * @param maxBytes a longer body is refused
   */
  public Reply exchange(Request request, int maxBytes) throws RemoteCallException {
    if (!rate.acquirePermission()) {
      throw new RemoteCallException(
          FailureClass.WAIT,
          Reason.RATE_LIMITED,
          0,
          name + ": more requests wait than requestsPerSecond lets through",
          null,
          false,
          null);
    }
    requests.increment();
    long start = System.nanoTime();
    RequestListener.Outcome outcome = RequestListener.Outcome.UNREACHABLE;
    try (Response response = client.newCall(settings.credential().applyTo(request)).execute()) {
      byte[] body = response.body().byteStream().readNBytes(maxBytes + 1);
      outcome = RequestListener.Outcome.of(response.code());
      if (body.length > maxBytes) {
        throw new RemoteCallException(
            FailureClass.PERMANENT,
            Reason.UNEXPECTED_ANSWER,
            response.code(),
            name + ": the answer is longer than " + maxBytes + " bytes",
            null,
            true,
            null);
      }
      return new Reply(
          name + ", " + request.method() + " " + request.url().encodedPath(),
          response.code(),
          response.headers(),
          body);
    } catch (RemoteCallException e) {
      throw e;
    } catch (IOException e) {
      throw Failures.ofIo(this, request, e);
    } finally {
      listening.ended(request, outcome, Duration.ofNanos(System.nanoTime() - start));
    }
  }
}
