package io.goharbor.preheat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers send, over real sockets. */
class HttpListenerTest {
  private static final String GOOD = "Authorization: good\r\n";

  private final ConcurrentLinkedQueue<Dropped> dropped = new ConcurrentLinkedQueue<>();
  private final List<Socket> sockets = new ArrayList<>();
  private @Nullable HttpListener listener;

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (listener != null) {
      listener.close();
    }
  }

  static Stream<Arguments> requests() {
    String post = "POST /a HTTP/1.1\r\nHost: x\r\n";
    String chunked = post + "Transfer-Encoding: chunked\r\n";
    return Stream.of(
        Arguments.of("a body", post + "Content-Length: 3\r\n\r\nabc", 200),
        Arguments.of("chunks", chunked + "\r\n3\r\nabc\r\n0\r\n\r\n", 200),
        Arguments.of("a trailer", chunked + "\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n", 200),
        Arguments.of("a bad chunk size", chunked + "\r\nzz\r\nabc\r\n0\r\n\r\n", 400),
        Arguments.of("a huge chunk size", chunked + "\r\nfffffffffffffffff\r\nabc\r\n", 400),
        Arguments.of("no length", post + "Content-Length: three\r\n\r\nabc", 400),
        Arguments.of("a negative length", post + "Content-Length: -1\r\n\r\nabc", 400),
        Arguments.of(
            "two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        Arguments.of(
            "length and chunks", chunked + "Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400),
        Arguments.of("an unknown coding", post + "Transfer-Encoding: rot13\r\n\r\nabc", 400),
        Arguments.of("a folded line", post + "X: a\r\n b\r\n\r\n", 400),
        Arguments.of("a space before the colon", post + "X : a\r\n\r\n", 400),
        Arguments.of("a NUL", post + "X: a\0b\r\n\r\n", 400),
        Arguments.of("no host", "POST /a HTTP/1.1\r\n\r\n", 400),
        Arguments.of("no request line", "hello\r\n\r\n", 400),
        Arguments.of("no path", "GET\r\n\r\n", 400),
        Arguments.of("another protocol", "GET / FTP/1.1\r\nHost: x\r\n\r\n", 505),
        Arguments.of("a TLS hello", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n", 400),
        Arguments.of("a bad escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        Arguments.of("200 fields", post + "X: y\r\n".repeat(200) + "\r\n", 431),
        Arguments.of("a long field", post + "X: " + "y".repeat(20_000) + "\r\n\r\n", 431),
        Arguments.of("a long path", "GET /" + "y".repeat(20_000) + " HTTP/1.1\r\n\r\n", 414));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void whatever_is_sent_is_answered(String what, String request, int status) throws IOException {
    start(limits(64, 64, 5), HttpListener.Threads.VIRTUAL, null);
    Socket socket = connect("127.0.0.1");
    send(socket, request);
    assertThat(answer(socket)).as(what).isEqualTo(status);
  }

  @Test
  void a_refusal_is_an_answer_of_the_service() throws IOException {
    start(limits(64, 64, 5), HttpListener.Threads.VIRTUAL, null);
    Socket socket = connect("127.0.0.1");
    send(socket, "POST /a HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n");
    assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("HTTP/1.1 400 ")
        .contains("Content-Type: text/plain")
        .contains("Line Folding not supported")
        .doesNotContain("Server:", "Jetty", "html");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "POST /a HTTP/1.1\r\nHost: x\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\n" + GOOD + "Content-Length: 100\r\n\r\nabc",
        "POST /a HTTP/1.1\r\nHost: x\r\n" + GOOD + "Transfer-Encoding: chunked\r\n\r\n99\r\n"
      })
  void a_client_that_drips_is_cut(String begin) throws Exception {
    start(limits(64, 64, 1), HttpListener.Threads.VIRTUAL, null);
    Socket socket = connect("127.0.0.1");
    send(socket, begin);
    Thread.ofVirtual().start(() -> drip(socket));
    assertThat(closed(socket)).isTrue();
    assertThat(dropped).containsExactly(Dropped.LATE);
    await().atMost(Duration.ofSeconds(10)).until(() -> listener().connections() == 0);
  }

  @Test
  void a_handshake_that_does_not_end_is_cut() throws IOException {
    HeldCertificate certificate = new HeldCertificate.Builder().build();
    SSLContext tls =
        new HandshakeCertificates.Builder().heldCertificate(certificate).build().sslContext();
    start(limits(64, 64, 1), HttpListener.Threads.VIRTUAL, tls);
    Socket socket = connect("127.0.0.1");
    socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
    Thread.ofVirtual().start(() -> drip(socket));
    assertThat(closed(socket)).isTrue();
  }

  @Test
  void an_answer_that_nobody_reads_is_given_up() throws IOException {
    start(limits(64, 64, 1), HttpListener.Threads.PLATFORM, null);
    Socket socket = connect("127.0.0.1");
    send(socket, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    await().atMost(Duration.ofSeconds(10)).until(() -> listener().atWork() == 1);
    assertThat(get("127.0.0.1")).as("meanwhile").isEqualTo(200);
    await().atMost(Duration.ofSeconds(20)).until(() -> listener().connections() == 0);
    assertThat(dropped).contains(Dropped.LATE);
  }

  @Test
  void a_stranger_gives_way_where_all_places_are_taken() throws IOException {
    start(limits(8, 100, 60), HttpListener.Threads.VIRTUAL, null);
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      slow.add(connect("127.0.0.2"));
      int open = i + 1;
      await().until(() -> listener().connections() == open);
    }
    for (String address : List.of("127.0.0.1", "127.0.0.2")) {
      assertThat(get(address)).isEqualTo(200);
    }
    assertThat(closed(slow.getFirst())).isTrue();
    assertThat(listener().connections()).isLessThanOrEqualTo(8);
  }

  @Test
  void who_has_shown_who_he_is_stays_when_strangers_come() throws IOException {
    start(limits(8, 100, 60), HttpListener.Threads.VIRTUAL, null);
    Socket known = connect("127.0.0.1");
    String request = "POST /a HTTP/1.1\r\nHost: x\r\n" + GOOD + "Content-Length: 0\r\n\r\n";
    send(known, request);
    assertThat(answer(known)).isEqualTo(200);
    for (int i = 0; i < 20; i++) {
      connect("127.0.0.2");
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> dropped.size() >= 13);
    send(known, request);
    assertThat(answer(known)).isEqualTo(200);
  }

  @Test
  void strangers_of_one_address_are_limited() throws IOException {
    start(limits(64, 3, 60), HttpListener.Threads.VIRTUAL, null);
    for (int i = 0; i < 6; i++) {
      connect("127.0.0.2");
    }
    connect("127.0.0.3");
    await().atMost(Duration.ofSeconds(10)).until(() -> dropped.size() == 3);
    assertThat(dropped).containsOnly(Dropped.ADDRESS);
    assertThat(listener().connections()).isEqualTo(4);
  }

  @Test
  void one_address_can_be_bound() throws IOException {
    start(limits(64, 64, 5), HttpListener.Threads.VIRTUAL, null);
    assertThat(get("127.0.0.1")).isEqualTo(200);
    try (Socket other = new Socket()) {
      assertThatThrownBy(() -> other.connect(new InetSocketAddress("127.0.0.9", listener().port())))
          .isInstanceOf(IOException.class);
    }
  }

  private static ListenerLimits limits(int connections, int perAddress, int seconds) {
    return new ListenerLimits(
        connections,
        perAddress,
        Duration.ofSeconds(seconds),
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        16 * 1024,
        100);
  }

  private void start(ListenerLimits limits, HttpListener.Threads threads, @Nullable SSLContext tls)
      throws IOException {
    HttpListener started =
        new HttpListener(
            "test",
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
            tls,
            limits,
            threads,
            new Echo(),
            new Supervisor(_ -> {}));
    started.start();
    listener = started;
  }

  private HttpListener listener() {
    HttpListener started = listener;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  private final class Echo implements Service {
    @Override
    public Reply answer(Exchange exchange) throws IOException {
      if (exchange.path().equals("/large")) {
        return new Reply(200, "text/plain", Map.of(), new byte[64 << 20]);
      }
      if ("good".equals(exchange.header("Authorization"))) {
        exchange.recognised();
      }
      try (InputStream body = exchange.body()) {
        return new Reply(200, "text/plain", Map.of(), body.readAllBytes());
      }
    }

    @Override
    public Reply error(int status, String sentence) {
      return new Reply(status, "text/plain", Map.of(), sentence.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void dropped(Dropped why) {
      dropped.add(why);
    }
  }

  private int get(String from) throws IOException {
    Socket socket = connect(from);
    send(socket, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    return answer(socket);
  }

  private Socket connect(String from) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), listener().port()));
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void drip(Socket socket) {
    try {
      while (true) {
        Thread.sleep(50);
        socket.getOutputStream().write('a');
      }
    } catch (IOException | InterruptedException e) {
      // It was cut.
    }
  }

  /** Reads one answer with its body. */
  private static int answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int read = in.read();
      if (read < 0) {
        throw new IOException("no answer: " + head);
      }
      head.append((char) read);
    }
    int length =
        Arrays.stream(head.toString().split("\r\n"))
            .filter(line -> line.startsWith("Content-Length: "))
            .mapToInt(line -> Integer.parseInt(line.substring(16)))
            .findFirst()
            .orElse(0);
    in.readNBytes(length);
    return Integer.parseInt(head.substring(9, 12));
  }

  /** Whether the other end closes within the time-out of the socket, without an answer or with. */
  private static boolean closed(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }
}
