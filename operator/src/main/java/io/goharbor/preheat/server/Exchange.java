package io.goharbor.preheat.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** A request whose header has come. */
public final class Exchange {
  private final Request request;
  private final ClientConnection connection;

  Exchange(Request request, ClientConnection connection) {
    this.request = request;
    this.connection = connection;
  }

  /** As it was sent; case counts. */
  public String method() {
    return request.getMethod();
  }

  /** Decoded, without the query. */
  public String path() {
    return Request.getPathInContext(request);
  }

  /** The first value of a header, whatever the case of its name; null: there is none. */
  public @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  /** Bytes of the body as the header has them; -1: it does not say. */
  public long length() {
    return request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
  }

  /** Tells the listener that the caller has shown who he is: his connection stays. */
  public void recognised() {
    connection.become(ConnectionState::recognised);
  }

  /** The body; the time for it ends with it. */
  public InputStream body() {
    return new FilterInputStream(Request.asInputStream(request)) {
      @Override
      public int read() throws IOException {
        return end(super.read());
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return end(super.read(bytes, from, length));
      }

      private int end(int read) {
        if (read < 0) {
          answering();
        }
        return read;
      }
    };
  }

  void answering() {
    long now = System.nanoTime();
    connection.become(at -> at.answering(now));
  }
}
