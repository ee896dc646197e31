package io.goharbor.preheat.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Keeps the head of each request as it came over the wire, and answers as it is told. */
public final class RecordingServer implements AutoCloseable {
  private final ServerSocket socket;
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final Function<String, String> answers;

  /**
   * Starts to listen.
   *
   * @param answers from the request line to status, headers and body, such as {@code 404
   *     Gone\r\n\r\n}
   */
  public RecordingServer(Function<String, String> answers) {
    this.answers = answers;
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::serve);
  }

  /** Answers 404 to all. */
  public RecordingServer() {
    this(line -> "404 Not Found\r\n\r\n");
  }

  /** Its base URL. */
  public String url() {
    return "http://" + address();
  }

  /** Its host and port. */
  public String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** Heads of the requests, lines ended by CR LF. */
  public List<String> heads() {
    return List.copyOf(heads);
  }

  /** The targets of the requests, as they stood in the request lines. */
  public List<String> targets() {
    return heads.stream().map(head -> head.split(" ", 3)[1]).toList();
  }

  /** Forgets what came. */
  public void clear() {
    heads.clear();
  }

  private void serve() {
    try {
      while (true) {
        Socket one = socket.accept();
        Thread.ofVirtual().start(() -> answer(one));
      }
    } catch (IOException closed) {
      // The end.
    }
  }

  private void answer(Socket one) {
    try (one) {
      StringBuilder head = new StringBuilder();
      InputStream in = one.getInputStream();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        head.append((char) next);
      }
      heads.add(head.toString());
      String[] answer = answers.apply(head.substring(0, head.indexOf("\r\n"))).split("\r\n\r\n", 2);
      one.getOutputStream()
          .write(
              ("HTTP/1.1 "
                      + answer[0]
                      + "\r\nConnection: close\r\nContent-Length: "
                      + answer[1].length()
                      + "\r\n\r\n"
                      + answer[1])
                  .getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException broken) {
      // The client went away.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
