package io.goharbor.preheat.e2e.hostile;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server on the loopback address that speaks HTTP by hand, so that it can also speak it badly,
 * and keeps every byte that comes.
 */
final class HostileServer implements AutoCloseable {
  /**
   * What came.
   *
   * @param target as it is in the request line
   * @param headers by lower-case name; the last value of each
   * @param raw the whole request, a character for each byte
   */
  record Request(String method, String target, Map<String, String> headers, String raw) {
    /** The path, still encoded. */
    String path() {
      int query = target.indexOf('?');
      return query < 0 ? target : target.substring(0, query);
    }

    /** A header; empty when it did not come. */
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What it does with a request. The connection is closed afterwards. */
  @FunctionalInterface
  interface Conduct {
    /** Writes whatever it likes. */
    void answer(Request request, OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("hostile-", 0).factory());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
  private volatile Conduct conduct;

  HostileServer(Conduct conduct) {
    this.conduct = conduct;
    try {
      socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  /** Does something else from the next request on. */
  void behave(Conduct other) {
    conduct = other;
  }

  /** Behaves differently, and breaks off what is under way. */
  void turn(Conduct other) {
    conduct = other;
    open.forEach(HostileServer::drop);
  }

  String url() {
    return "http://" + host();
  }

  String host() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** All that came so far. */
  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Every byte that came so far, a character for each. */
  String seen() {
    StringBuilder all = new StringBuilder();
    requests.forEach(request -> all.append(request.raw()).append('\n'));
    return all.toString();
  }

  @Override
  public void close() {
    drop(socket);
    open.forEach(HostileServer::drop);
    threads.shutdownNow();
  }

  private static void drop(AutoCloseable connection) {
    try {
      connection.close();
    } catch (Exception e) {
      // It is gone either way.
    }
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        open.add(connection);
        threads.execute(() -> serve(connection));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection;
        InputStream in = new BufferedInputStream(connection.getInputStream());
        OutputStream out = new BufferedOutputStream(connection.getOutputStream(), 65536)) {
      Request request = read(in);
      if (request != null) {
        requests.add(request);
        conduct.answer(request, out);
        out.flush();
      }
    } catch (IOException e) {
      // The caller went away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(connection);
    }
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    String text = "";
    while (!text.endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
      if (next == '\n') {
        text = head.toString(StandardCharsets.ISO_8859_1);
      }
    }
    Map<String, String> headers = new TreeMap<>();
    String[] lines = text.split("\r\n", -1);
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    byte[] body =
        in.readNBytes(
            Math.min(16_000_000, Integer.parseInt(headers.getOrDefault("content-length", "0"))));
    String[] line = lines[0].split(" ", 3);
    return new Request(
        line[0],
        line.length > 1 ? line[1] : "",
        Map.copyOf(headers),
        text + new String(body, StandardCharsets.ISO_8859_1));
  }
}
