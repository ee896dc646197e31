package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.ingest.WebhookCredentials.ExpectedAuthorization;
import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** Requests of any kind over real HTTP; see {@link EventDecoderFuzzTest}. */
class WebhookFuzzTest {
  private static final String SECRET = "Bearer fuzz";
  private static final AtomicReference<@Nullable Running> RUNNING = new AtomicReference<>();

  private record Running(MemoryStore store, EventBatcher batcher, WebhookServer server) {}

  @FuzzTest(maxDuration = "2m")
  void no_request_is_an_error_of_the_server(FuzzedDataProvider data) throws IOException {
    // What is fuzzed does connect: to the server under test.
    BugDetectors.allowNetworkConnections();
    Running running = running();
    String method =
        data.pickValue(new String[] {"POST", "POST", "POST", "PUT", "GET", "HEAD", "X"});
    String path =
        data.consumeBoolean() ? "/hooks/team/main" : "/hooks/" + visible(data.consumeString(100));
    String authorization = data.consumeBoolean() ? SECRET : visible(data.consumeString(50));
    String type = visible(data.consumeString(50));
    boolean chunked = data.consumeBoolean();
    byte[] body = data.consumeRemainingAsBytes();

    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        (method
                + " "
                + path
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
                + authorization
                + "\r\nContent-Type: "
                + type
                + "\r\n")
            .getBytes(StandardCharsets.UTF_8));
    if (chunked) {
      request.writeBytes(ascii("Transfer-Encoding: chunked\r\n\r\n"));
      if (body.length > 0) {
        request.writeBytes(ascii(Integer.toHexString(body.length) + "\r\n"));
        request.writeBytes(body);
        request.writeBytes(ascii("\r\n"));
      }
      request.writeBytes(ascii("0\r\n\r\n"));
    } else {
      request.writeBytes(ascii("Content-Length: " + body.length + "\r\n\r\n"));
      request.writeBytes(body);
    }
    assertThat(answer(running.server(), request.toByteArray()))
        .isIn(202, 400, 401, 404, 405, 413, 422);
    assertThat(running.batcher().bytes()).isZero();
    running.store().stored.clear();
  }

  private static int answer(WebhookServer server, byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      String head = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
      assertThat(head).matches("HTTP/1\\.1 [0-9]{3}");
      return Integer.parseInt(head.substring(9));
    }
  }

  /** Without what ends a line or a word of HTTP. */
  private static String visible(String text) {
    return text.replaceAll("[\\p{Cntrl}\\s]", "_");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** One server for all runs: starting it takes longer than most of them. */
  private static Running running() {
    Running now = RUNNING.get();
    if (now == null) {
      now = start();
      RUNNING.set(now);
    }
    return now;
  }

  private static Running start() {
    MemoryStore store = new MemoryStore();
    EventBatcher batcher = new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}));
    EventMetrics metrics = new EventMetrics(new SimpleMeterRegistry());
    try {
      WebhookServer server =
          new WebhookServer(
              0,
              null,
              new WebhookHandler(
                  registry ->
                      registry.equals(Samples.REGISTRY)
                          ? new WebhookCredential.Open(new ExpectedAuthorization(SECRET))
                          : new WebhookCredential.Absent("there is none"),
                  Samples.watch(
                      Samples.policy("all", null, EventTrigger.PUSHED, EventTrigger.SCANNED)),
                  batcher,
                  (registry, at) -> {},
                  metrics,
                  InstantSource.system(),
                  () -> true),
              metrics,
              new Supervisor(_ -> {}));
      server.start();
      return new Running(store, batcher, server);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void stop() {
    Running last = RUNNING.getAndSet(null);
    if (last != null) {
      last.server().close();
      last.batcher().close();
    }
  }
}
