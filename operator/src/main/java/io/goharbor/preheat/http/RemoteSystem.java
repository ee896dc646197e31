package io.goharbor.preheat.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.goharbor.preheat.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.zip.ZipException;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * One outside system: adds the credential, keeps the rate, bounds each call by what its answer is
 * for, and turns every failure into a {@link RemoteCallException}.
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

  /** Makes something of a good answer while it is read. It must not call other systems. */
  @FunctionalInterface
  public interface Decoder<T> {
    /** Reads the answer. */
    T decode(Answer answer) throws IOException;
  }

  /**
   * What is shared by all systems, and in whose namespace this one is opened.
   *
   * @param secrets learns what must not be shown
   */
  record Shared(CallSlots slots, AnswerBudget budget, String namespace, Consumer<String> secrets) {}

  private static final MediaType JSON_TYPE = MediaType.get("application/json");

  /** Answers that hardly matter are kept so far. */
  private static final int SHORT = 64 * 1024;

  /** Errors are kept so far. */
  private static final int ERROR = 16 * 1024;

  private final String name;
  private final ConnectionSettings settings;
  private final OkHttpClient client;
  private final HttpUrl base;
  private final RequestRate rate;
  private final Listening listening;
  private final Shared shared;
  private final LongAdder requests = new LongAdder();

  RemoteSystem(
      String name,
      ConnectionSettings settings,
      OkHttpClient client,
      Listening listening,
      Shared shared) {
    this(name, settings, client, new RequestRate(settings.requestsPerSecond()), listening, shared);
  }

  private RemoteSystem(
      String name,
      ConnectionSettings settings,
      OkHttpClient client,
      RequestRate rate,
      Listening listening,
      Shared shared) {
    this.name = name;
    this.settings = settings;
    this.client = client;
    this.base = HttpUrl.get(settings.baseUrl() + "/");
    this.rate = rate;
    this.listening = listening;
    this.shared = shared;
  }

  /** The same system for calls that take longer; both keep one rate together. */
  public RemoteSystem withReadTimeout(Duration timeout) {
    return new RemoteSystem(
        name,
        settings.withReadTimeout(timeout),
        client.newBuilder().readTimeout(timeout).writeTimeout(timeout).build(),
        rate,
        listening,
        shared);
  }

  /** A value that this system gave, and that must not be shown, such as a token. */
  public void hide(String value) {
    shared.secrets().accept(value);
  }

  /**
   * Sees to it that the credentials are not shown, for one who uses them long after their Secret
   * was read.
   */
  public void hideCredentials() {
    if (settings.credential() instanceof Credential.Basic basic) {
      hide(basic.password());
    }
    settings.credential().header().ifPresent(header -> hide(header.value()));
    String key = settings.tls().clientKeyPem();
    if (key != null) {
      hide(key);
    }
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
  public JsonNode getJson(HttpUrl url, AnswerLimit limit) throws RemoteCallException {
    return read(
        new Request.Builder().url(url).header("Accept", "application/json").build(),
        limit,
        Answer::json);
  }

  /** A body of JSON. */
  public static RequestBody jsonBody(Object value) {
    try {
      return RequestBody.create(JSON.writeValueAsBytes(value), JSON_TYPE);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("value cannot be written as JSON", e);
    }
  }

  /**
   * Sends a request and reads the answer; every status but 2xx is a {@link RemoteCallException}.
   *
   * @param limit what the answer is for
   */
  public <T> T read(Request request, AnswerLimit limit, Decoder<T> decoder)
      throws RemoteCallException {
    return call(
        request,
        limit,
        (response, body, charge) -> {
          Reply reply = response.isSuccessful() ? null : reply(request, response, body, charge);
          if (reply != null) {
            throw Failures.ofStatus(this, request, reply);
          }
          return decoder.decode(
              new Answer(asked(request), response.code(), response.headers(), body, limit, charge));
        });
  }

  /**
   * Sends a request; every status but 2xx is a {@link RemoteCallException}.
   *
   * @param limit what the answer is for
   */
  public Reply send(Request request, AnswerLimit limit) throws RemoteCallException {
    Reply reply = exchange(request, limit);
    if (!reply.successful()) {
      throw Failures.ofStatus(this, request, reply);
    }
    return reply;
  }

  /**
   * Sends a request and returns whatever answer comes; only a missing answer is an exception.
   *
   * @param limit what the answer is for; more than 64 KiB are read, but not kept
   */
  public Reply exchange(Request request, AnswerLimit limit) throws RemoteCallException {
    return call(request, limit, (response, body, charge) -> reply(request, response, body, charge));
  }

  private Reply reply(
      Request request, Response response, BoundedBody body, AnswerBudget.Charge charge)
      throws IOException {
    byte[] kept = body.readNBytes(response.isSuccessful() ? SHORT : ERROR);
    charge.add(kept.length);
    if (response.isSuccessful()) {
      body.drain();
    }
    return new Reply(asked(request), response.code(), response.headers(), kept);
  }

  private String asked(Request request) {
    return name + ", " + request.method() + " " + request.url().encodedPath();
  }

  @FunctionalInterface
  private interface Handling<T> {
    T take(Response response, BoundedBody body, AnswerBudget.Charge charge) throws IOException;
  }

  private <T> T call(Request request, AnswerLimit limit, Handling<T> handling)
      throws RemoteCallException {
    Deadline deadline = Deadline.in(limit.total());
    String host = request.url().host() + ":" + request.url().port();
    try {
      if (!rate.await(deadline)) {
        throw held(Reason.RATE_LIMITED, "more requests wait than requestsPerSecond lets through");
      }
      Optional<String> obstacle = shared.slots().enter(shared.namespace(), host, deadline);
      if (obstacle.isPresent()) {
        throw held(Reason.LIMIT_REACHED, obstacle.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteCallException(
          FailureClass.RETRY, Reason.UNREACHABLE, 0, name + ": interrupted", null, false, e);
    }
    try {
      return sent(request, limit, handling, host, deadline);
    } finally {
      shared.slots().leave(shared.namespace(), host);
    }
  }

  private <T> T sent(
      Request request, AnswerLimit limit, Handling<T> handling, String host, Deadline deadline)
      throws RemoteCallException {
    requests.increment();
    long start = System.nanoTime();
    RequestListener.Outcome outcome = RequestListener.Outcome.UNREACHABLE;
    // Asked for here, so that OkHttp does not unpack what comes, to whatever length.
    Request packed = request.newBuilder().header("Accept-Encoding", "gzip").build();
    Call call = client.newCall(settings.credential().applyTo(packed));
    var _ = call.timeout().timeout(Math.max(1, deadline.leftNanos()), TimeUnit.NANOSECONDS);
    int status = 0;
    try (AnswerBudget.Charge charge = shared.budget().open(shared.namespace(), host, deadline);
        Response response = call.execute()) {
      status = response.code();
      try (BoundedBody body = BoundedBody.of(response, limit)) {
        T result = handling.take(response, body, charge);
        outcome = RequestListener.Outcome.of(status);
        return result;
      }
    } catch (RemoteCallException e) {
      outcome = RequestListener.Outcome.of(status);
      throw e;
    } catch (BoundedBody.TooMuchException e) {
      outcome = RequestListener.Outcome.of(status);
      throw unexpected(FailureClass.PERMANENT, status, String.valueOf(e.getMessage()));
    } catch (ZipException e) {
      throw unexpected(
          FailureClass.RETRY, status, "the answer is not the gzip that it claims to be");
    } catch (AnswerBudget.RefusedException e) {
      throw refused(request, status, e.why());
    } catch (IOException e) {
      throw Failures.ofIo(this, request, e);
    } finally {
      listening.ended(request, outcome, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private RemoteCallException refused(Request request, int status, AnswerBudget.Refusal why) {
    if (why == AnswerBudget.Refusal.TOO_LARGE) {
      return unexpected(
          FailureClass.PERMANENT,
          status,
          "the answer takes more than "
              + shared.budget().largest()
              + " bytes of memory, half of http.answerMemory of the operator's configuration");
    }
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    return new RemoteCallException(
        // What was changed must be looked for before it is tried again.
        reads ? FailureClass.WAIT : FailureClass.RETRY,
        Reason.LIMIT_REACHED,
        0,
        name
            + ": other answers take all the memory of http.answerMemory of the operator's"
            + " configuration, or all of this namespace's or host's half of it",
        null,
        true,
        null);
  }

  private RemoteCallException unexpected(FailureClass failureClass, int status, String message) {
    return new RemoteCallException(
        failureClass, Reason.UNEXPECTED_ANSWER, status, name + ": " + message, null, true, null);
  }

  private RemoteCallException held(Reason reason, String message) {
    return new RemoteCallException(
        FailureClass.WAIT, reason, 0, name + ": " + message, null, false, null);
  }
}
