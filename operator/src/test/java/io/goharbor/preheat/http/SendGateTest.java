package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** Nothing of a replica that does not lead reaches a server. */
class SendGateTest {
  private volatile boolean leads;
  private final SendGate gate = new SendGate(() -> leads);

  @Test
  void what_only_leaders_send_passes_while_this_replica_leads() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.json("{}"))) {
      Request get = new Request.Builder().url(server.url()).build();
      assertThatThrownBy(() -> send(gate.all(), get))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not lead");
      leads = true;
      assertThat(send(gate.all(), get)).isEqualTo(200);
      leads = false;
      assertThatThrownBy(() -> send(gate.all(), get)).hasMessageContaining("does not lead");
      assertThat(gate.underWay()).isZero();
    }
  }

  @Test
  void every_replica_reads_the_kubernetes_api_and_the_leader_writes() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.json("{}"))) {
      Request get = new Request.Builder().url(server.url()).build();
      Request patch = get.newBuilder().patch(RequestBody.create(new byte[0])).build();
      assertThat(send(gate.writes(), get)).isEqualTo(200);
      assertThatThrownBy(() -> send(gate.writes(), patch)).hasMessageContaining("does not lead");
    }
  }

  @Test
  void clients_of_outside_systems_have_the_gate() throws Exception {
    try (HostileServer server = new HostileServer(HostileServer.json("{}"))) {
      HttpClients clients =
          new HttpClients(
              RequestListener.NONE, HttpLimits.DEFAULT, new Redactor(InstantSource.system()), gate);
      RemoteSystem system =
          clients.open(
              "Harbor",
              ConnectionSettings.of(server.url(), new Credential.None(), TlsSettings.SYSTEM, 1000));
      assertThatThrownBy(() -> system.getJson(system.base(), AnswerLimit.PROBE))
          .hasMessageContaining("does not lead");
    }
  }

  @Test
  void a_connection_that_is_closed_takes_back_what_was_not_delivered() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Socket client =
          new AbruptSockets().createSocket(server.getInetAddress(), server.getLocalPort());
      try (Socket accepted = server.accept()) {
        client.getOutputStream().write("PATCH".getBytes(StandardCharsets.US_ASCII));
        client.close();
        InputStream in = accepted.getInputStream();
        assertThatThrownBy(in::readAllBytes).isInstanceOf(SocketException.class);
      }
    }
  }

  private static int send(Interceptor interceptor, Request request) throws IOException {
    OkHttpClient client = new OkHttpClient.Builder().addNetworkInterceptor(interceptor).build();
    try (Response response = client.newCall(request).execute()) {
      return response.code();
    } finally {
      client.connectionPool().evictAll();
      client.dispatcher().executorService().shutdown();
    }
  }
}
