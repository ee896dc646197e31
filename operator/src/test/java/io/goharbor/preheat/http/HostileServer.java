package io.goharbor.preheat.http;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/** A server on the loopback address that answers each request with whatever bytes it is given. */
public final class HostileServer implements AutoCloseable {
  /** Writes an answer, head and all. */
  @FunctionalInterface
  public interface Handler {
    /** Answers a request; the connection is closed afterwards. */
    void answer(String target, OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket socket;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  /** Serves until it is closed. */
  public HostileServer(Handler handler) {
    try {
      socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var _ =
        threads.submit(() -> {
          while (!socket.isClosed()) {
            Socket connection = socket.accept();
            var _ =
                threads.submit(() -> {
                  serve(connection, handler);
                  return null;
                });
          }
          return null;
        });
  }

  private void serve(Socket connection, Handler handler) throws IOException, InterruptedException {
    try (connection) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
      String first = in.readLine();
      int length = 0;
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      if (first == null || in.skip(length) < length) {
        return;
      }
      requests.incrementAndGet();
      int now = open.incrementAndGet();
      most.accumulateAndGet(now, Math::max);
      try {
        handler.answer(first.split(" ", 3)[1], connection.getOutputStream());
        connection.getOutputStream().flush();
      } finally {
        open.decrementAndGet();
      }
    }
  }

  /** Its base URL. */
  public String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  /** Requests that came. */
  public int requests() {
    return requests.get();
  }

  /** The most requests that were open at the same time. */
  public int mostAtOnce() {
    return most.get();
  }

  /** Requests that are open now. */
  public int open() {
    return open.get();
  }

  /** A head of an answer whose body ends with the connection. */
  public static byte[] head(int status, String... headers) {
    return ("HTTP/1.1 "
            + status
            + " X\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
            + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Answers everything with JSON. */
  public static Handler json(String body) {
    return (target, out) -> {
      out.write(head(200));
      out.write(body.getBytes(StandardCharsets.UTF_8));
    };
  }

  /** Answers everything with packed bytes. */
  public static Handler packed(byte[] body) {
    return (target, out) -> {
      out.write(head(200, "Content-Encoding: gzip"));
      out.write(body);
    };
  }

  /** Gives a byte of a string now and then. */
  public static Handler drip(String start, long everyMillis) {
    return (target, out) -> {
      out.write(head(200));
      out.write(start.getBytes(StandardCharsets.UTF_8));
      while (true) {
        out.write(' ');
        out.flush();
        Thread.sleep(everyMillis);
      }
    };
  }

  /** A text that is long, packed. */
  public static byte[] bomb(String start, String again, int times, String end) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(start.getBytes(StandardCharsets.UTF_8));
      byte[] chunk = again.repeat(1024).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < times / 1024; i++) {
        out.write(chunk);
      }
      out.write(end.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }
}
