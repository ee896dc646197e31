package io.goharbor.preheat.e2e.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** The embedded API with its watches as web sockets, the form that a real one offers too. */
public final class WebSocketKube implements Kube {
  /** Headers of a connection, not of what goes through it. */
  private static final Set<String> HOP_BY_HOP =
      Set.of("connection", "content-length", "host", "transfer-encoding", "upgrade");

  private static final int NORMAL_CLOSURE = 1000;
  private static final int INTERNAL_ERROR = 1011;

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final OkHttpClient http = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();
  private final AtomicInteger watches = new AtomicInteger();
  private final MockWebServer front = new MockWebServer();

  /** Serves on a free port. */
  public WebSocketKube() throws IOException {
    front.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            try {
              return answer(request);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
    front.start();
  }

  /** Watches that were asked for as web sockets so far. */
  public int watches() {
    return watches.get();
  }

  private MockResponse answer(RecordedRequest request) throws IOException {
    Response response = http.newCall(forwarded(request)).execute();
    if (request.getHeaders().get("Upgrade") != null && response.isSuccessful()) {
      watches.incrementAndGet();
      return new MockResponse.Builder().webSocketUpgrade(new Events(response)).build();
    }
    try (response) {
      return new MockResponse.Builder()
          .code(response.code())
          .headers(endToEnd(response.headers()))
          .body(new Buffer().write(response.body().bytes()))
          .build();
    }
  }

  private Request forwarded(RecordedRequest request) {
    boolean bare = Set.of("GET", "HEAD").contains(request.getMethod());
    return new Request.Builder()
        .url(kube.url() + request.getTarget())
        .headers(endToEnd(request.getHeaders()))
        .method(
            request.getMethod(),
            bare || request.getBody() == null
                ? null
                : RequestBody.create(request.getBody().toByteArray()))
        .build();
  }

  private static Headers endToEnd(Headers headers) {
    Headers.Builder kept = headers.newBuilder();
    for (String name : headers.names()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (HOP_BY_HOP.contains(lower) || lower.startsWith("sec-websocket-")) {
        kept.removeAll(name);
      }
    }
    return kept.build();
  }

  @Override
  public String describe() {
    return kube.describe() + ", with web sockets";
  }

  @Override
  public String kubeconfig() {
    return kube.kubeconfig().replace(kube.url(), "http://127.0.0.1:" + front.getPort());
  }

  @Override
  public KubernetesClient client() {
    return kube.client();
  }

  @Override
  public void close() {
    front.close();
    kube.close();
    http.dispatcher().executorService().shutdown();
  }

  /** One message for each line of a stream. */
  private static final class Events extends WebSocketListener {
    private final Response stream;

    private Events(Response stream) {
      this.stream = stream;
    }

    @Override
    public void onOpen(WebSocket socket, Response opened) {
      Thread.ofVirtual().name("watch").start(() -> tell(socket));
    }

    private void tell(WebSocket socket) {
      try (stream) {
        BufferedSource lines = stream.body().source();
        for (String line = lines.readUtf8Line(); line != null; line = lines.readUtf8Line()) {
          socket.send(line);
        }
        socket.close(NORMAL_CLOSURE, null);
      } catch (IOException e) {
        // Its cancel() fails on the side of a server.
        socket.close(INTERNAL_ERROR, null);
      }
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      socket.close(code, reason);
      stream.close();
    }

    @Override
    public void onFailure(WebSocket socket, Throwable failure, @Nullable Response response) {
      stream.close();
    }
  }
}
