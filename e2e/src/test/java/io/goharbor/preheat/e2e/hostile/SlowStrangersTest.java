package io.goharbor.preheat.e2e.hostile;

import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People without any secret, who reach the webhook's port and take their time there. */
@Isolated("measures what another suite beside it would change")
class SlowStrangersTest extends OnEmbeddedCluster {
  private static final int CONNECTIONS = 700;

  /** How long Harbor waits for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** All at the same time, of one address and of many, as they would come. */
  private static final List<String> BEGINNINGS =
      List.of(
          "",
          "POST /hooks/platform/main HTTP/1.1\r\nHost: x\r\n",
          "POST /hooks/platform/main HTTP/1.1\r\nHost: x\r\nX: ",
          "POST /hooks/platform/main HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nX: y\r\n\r\n",
          "POST /hooks/platform/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void connections_that_send_nothing_more_keep_no_webhook_away(int addresses) {
    Crowd[] crowd = {null};
    cluster
        .victim()
        .checkAsQuick(
            "connections of " + addresses + " addresses that send nothing more",
            this::told,
            3,
            () -> crowd[0] = new Crowd(addresses),
            () -> crowd[0].close());
  }

  /** How long three webhooks on connections of their own and a preheat take. */
  private List<Long> told(int images) {
    List<Long> took = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      long begin = System.nanoTime();
      for (int post = 0; post < 3; post++) {
        int answer = post();
        // One that is refused costs what Harbor waits for it.
        begin -= answer == 202 ? 0 : PATIENCE.toNanos();
      }
      took.add(
          Duration.ofNanos(System.nanoTime() - begin).toMillis()
              + cluster.victim().warm(1).getFirst());
    }
    return took;
  }

  /** An event that no policy wants, with the right secret and as much patience as Harbor has. */
  private static int post() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create(cluster.world().operator().webhookUrl() + "/hooks/platform/main"))
                  .timeout(PATIENCE)
                  .header("Authorization", World.WEBHOOK_SECRET)
                  .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"SOMETHING_NEW\"}"))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** Connections that are there at any time: one that is cut off comes again. */
  private static final class Crowd implements AutoCloseable {
    private final Thread coming;
    private final List<Socket> held = new ArrayList<>();
    private volatile boolean ended;

    Crowd(int addresses) {
      for (int i = 0; i < CONNECTIONS; i++) {
        held.add(come(i % addresses, BEGINNINGS.get(i % BEGINNINGS.size())));
      }
      coming =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                for (int i = 0; !ended; i = (i + 1) % CONNECTIONS) {
                  try {
                    if (i == 0) {
                      Thread.sleep(200);
                    }
                    Socket socket = held.get(i);
                    socket.setSoTimeout(1);
                    if (gone(socket)) {
                      socket.close();
                      held.set(i, come(i % addresses, BEGINNINGS.get(i % BEGINNINGS.size())));
                    }
                  } catch (IOException | InterruptedException e) {
                    return;
                  }
                }
              });
    }

    private static boolean gone(Socket socket) {
      try {
        return socket.isClosed() || socket.getInputStream().read() < 0;
      } catch (java.net.SocketTimeoutException waiting) {
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    private static Socket come(int address, String bytes) {
      URI url = URI.create(cluster.world().operator().webhookUrl());
      Socket socket = new Socket();
      try {
        // Not the victim's: Harbor calls from the first address of the network.
        socket.bind(
            new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) (1 + address)}), 0));
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 2000);
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // Refused, which is as good.
        try {
          socket.close();
        } catch (IOException f) {
          throw new UncheckedIOException(f);
        }
      }
      return socket;
    }

    @Override
    public void close() {
      ended = true;
      try {
        coming.join();
        for (Socket socket : held) {
          socket.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
