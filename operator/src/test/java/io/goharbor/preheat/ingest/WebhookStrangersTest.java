package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.ingest.WebhookCredentials.ExpectedAuthorization;
import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strangers open connections and hold them; Harbor's events arrive all the same. */
class WebhookStrangersTest {
  private static final String SECRET = "Bearer 3f0c-secret";
  private static final int STRANGERS = 700;
  private static final int EVENTS = 67;

  private final MemoryStore store = new MemoryStore();
  private final EventBatcher batcher =
      new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}));
  private final EventMetrics metrics = new EventMetrics(new SimpleMeterRegistry());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private volatile boolean over;
  private WebhookServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new WebhookServer(
            0,
            null,
            new WebhookHandler(
                registry -> new WebhookCredential.Open(new ExpectedAuthorization(SECRET)),
                Samples.watch(Samples.policy("all", null, EventTrigger.PUSHED)),
                batcher,
                (registry, at) -> {},
                metrics,
                InstantSource.system(),
                () -> true),
            metrics,
            new Supervisor(_ -> {}));
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    over = true;
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.close();
    server.close();
    batcher.close();
  }

  @ParameterizedTest
  @CsvSource({
    // What they send, and where Harbor calls from.
    "'', 127.0.0.1",
    "'POST /hooks/team/main HTTP/1.1\r\nHost: x\r\nX: ', 127.0.0.1",
    // Behind an Ingress all have the same address.
    "'POST /hooks/team/main HTTP/1.1\r\nHost: x\r\nX: ', 127.0.0.2",
    "'POST /hooks/team/main HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n', 127.0.0.2"
  })
  void strangers_take_no_event_from_harbor(String begin, String harbor) throws Exception {
    AtomicInteger held = new AtomicInteger();
    for (int i = 0; i < STRANGERS; i++) {
      threads.execute(() -> hold(begin, held));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> held.get() >= STRANGERS);
    List<String> answers = new ArrayList<>();
    for (int event = 0; event < EVENTS; event++) {
      answers.add(send(harbor, event));
    }
    assertThat(answers).containsOnly("HTTP/1.1 202");
    assertThat(store.tags()).hasSize(EVENTS);
  }

  /** A stranger who connects again whenever he is cut, and drips meanwhile. */
  private void hold(String begin, AtomicInteger held) {
    boolean first = true;
    while (!over) {
      try (Socket socket = connect("127.0.0.2")) {
        socket.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
        if (first) {
          held.incrementAndGet();
          first = false;
        }
        while (!over) {
          Thread.sleep(1000);
          socket.getOutputStream().write('a');
        }
      } catch (IOException e) {
        // Cut; he comes again.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private String send(String from, int event) throws IOException {
    byte[] body =
        Samples.push("shop/api/web", "v" + event, Samples.digest(event))
            .getBytes(StandardCharsets.UTF_8);
    try (Socket socket = connect(from)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("POST /hooks/team/main HTTP/1.1\r\nHost: x\r\nAuthorization: "
                      + SECRET
                      + "\r\nContent-Length: "
                      + body.length
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(body);
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Socket connect(String from) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.port()), 10_000);
    return socket;
  }
}
