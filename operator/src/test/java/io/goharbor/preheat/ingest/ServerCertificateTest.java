package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.ingest.WebhookCredentials.WebhookCredential;
import io.goharbor.preheat.supervision.Supervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server with TLS; its files are mounted as a Secret is, behind a link that turns. */
class ServerCertificateTest {
  private static final HeldCertificate AUTHORITY =
      new HeldCertificate.Builder().certificateAuthority(0).build();

  @TempDir private Path mount;
  private ServerCertificate certificate;
  private EventBatcher batcher;
  private WebhookServer server;

  @BeforeEach
  void start() throws IOException {
    HeldCertificate one = held("one");
    mount(one, one);
    certificate =
        new ServerCertificate(
            mount.resolve("tls.crt"),
            mount.resolve("tls.key"),
            new Supervisor(_ -> {}),
            Duration.ofMillis(20));
    MemoryStore store = new MemoryStore();
    batcher = new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}));
    EventMetrics metrics = new EventMetrics(new SimpleMeterRegistry());
    server =
        new WebhookServer(
            0,
            certificate,
            new WebhookHandler(
                registry -> new WebhookCredential.Absent("none"),
                Samples.watch(),
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
  void stop() {
    server.close();
    batcher.close();
    certificate.close();
  }

  @Test
  void requests_are_answered_over_tls() throws IOException {
    try (SSLSocket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              "POST /hooks/team/main HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 401");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA"})
  void a_renewed_certificate_is_shown_without_a_restart(String algorithm) throws IOException {
    assertThat(shown()).isEqualTo("one");
    HeldCertificate.Builder builder = builder("two");
    HeldCertificate two = (algorithm.equals("RSA") ? builder.rsa2048() : builder).build();
    mount(two, two);
    await().atMost(Duration.ofSeconds(5)).until(() -> shown().equals("two"));
  }

  @Test
  void who_asks_for_another_name_is_shown_it_too() throws IOException {
    try (SSLSocket socket = connect("preheat.other.svc")) {
      assertThat(socket.getSession().getPeerCertificates()).hasSize(2);
    }
  }

  @Test
  void until_the_key_has_come_too_the_last_certificate_is_shown() throws Exception {
    HeldCertificate two = held("two");
    mount(two, held("three"));
    Thread.sleep(200);
    assertThat(shown()).isEqualTo("one");
    Files.delete(mount.resolve("tls.key"));
    Thread.sleep(200);
    assertThat(shown()).isEqualTo("one");
    mount(two, two);
    await().atMost(Duration.ofSeconds(5)).until(() -> shown().equals("two"));
  }

  @Test
  void files_that_cannot_be_used_are_named_at_the_start() throws IOException {
    Path missing = mount.resolve("missing.crt");
    assertThatThrownBy(
            () -> new ServerCertificate(missing, mount.resolve("tls.key"), new Supervisor(_ -> {})))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("missing.crt cannot be read");
    mount(held("two"), held("three"));
    assertThatThrownBy(() ->
            new ServerCertificate(
                mount.resolve("tls.crt"), mount.resolve("tls.key"), new Supervisor(_ -> {})))
        .hasMessageContaining("tls.crt")
        .hasMessageContaining("the key is not that of the first certificate");
  }

  @Test
  void who_opens_a_connection_and_says_nothing_is_cut_off() throws IOException {
    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port());
        SSLSocket half = connect()) {
      silent.getOutputStream().write(0x16);
      silent.setSoTimeout(9_000);
      assertThat(shown()).isEqualTo("one");
      assertThat(closed(silent)).isTrue();
      half.setSoTimeout(9_000);
      half.getOutputStream().write("POST /hooks".getBytes(StandardCharsets.US_ASCII));
      assertThat(closed(half)).isTrue();
    }
  }

  private static boolean closed(Socket socket) {
    try {
      // An alert may come before the end.
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** As the kubelet does: a new folder, then the link to it is replaced in one step. */
  private void mount(HeldCertificate shown, HeldCertificate key) throws IOException {
    Path folder = Files.createTempDirectory(mount, "..");
    Files.writeString(
        folder.resolve("tls.crt"), shown.certificatePem() + AUTHORITY.certificatePem());
    Files.writeString(folder.resolve("tls.key"), key.privateKeyPkcs8Pem());
    Path link = mount.resolve("..data_tmp");
    Files.createSymbolicLink(link, folder.getFileName());
    Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (String name : List.of("tls.crt", "tls.key")) {
      if (!Files.isSymbolicLink(mount.resolve(name))) {
        Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
      }
    }
  }

  private String shown() throws IOException {
    try (SSLSocket socket = connect()) {
      X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return leaf.getSubjectX500Principal().getName().replaceAll(".*CN=([a-z]+).*", "$1");
    }
  }

  private SSLSocket connect() throws IOException {
    return connect(InetAddress.getLoopbackAddress().getHostAddress());
  }

  /** Asks for a name, which the certificate need not have. */
  private SSLSocket connect(String name) throws IOException {
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder().addTrustedCertificate(AUTHORITY.certificate()).build();
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
    SSLSocket socket =
        (SSLSocket)
            trust.sslContext().getSocketFactory().createSocket(plain, name, server.port(), true);
    socket.startHandshake();
    return socket;
  }

  private static HeldCertificate held(String name) {
    return builder(name).build();
  }

  private static HeldCertificate.Builder builder(String name) {
    return new HeldCertificate.Builder()
        .commonName(name)
        .addSubjectAlternativeName("127.0.0.1")
        .signedBy(AUTHORITY);
  }
}
