package io.goharbor.preheat.e2e.sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server on the loopback address with routes, faults and a log. Virtual threads; one
 * for each request. It can go down and come back on the same port.
 */
public final class SimServer implements AutoCloseable {
  /** Answers a request. */
  @FunctionalInterface
  public interface Handler {
    /** The answer. */
    Answer handle(Ask ask) throws Exception;
  }

  private record Route(String method, Pattern path, List<String> variables, Handler handler) {}

  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final String name;
  private final InstantSource clock;
  private final @Nullable SSLContext tls;
  private final List<Route> routes = new ArrayList<>();
  private final Faults faults = new Faults();
  private final ConcurrentLinkedQueue<Ask> log = new ConcurrentLinkedQueue<>();
  private final LongAdder bytesOut = new LongAdder();
  private final LongAdder requestsIn = new LongAdder();
  private Handler fallback = ask -> Answer.status(404);
  private int port;
  private volatile boolean logging = true;
  private volatile IntConsumer sender = port -> {};
  private @Nullable HttpServer server;
  private @Nullable ExecutorService threads;

  /** A server that speaks plain HTTP, on a free port. */
  public SimServer(String name, InstantSource clock) {
    this(name, clock, null, 0);
  }

  /**
   * A server.
   *
   * @param tls null: plain HTTP
   * @param port 0: a free one
   */
  public SimServer(String name, InstantSource clock, @Nullable SSLContext tls, int port) {
    this.name = name;
    this.clock = clock;
    this.tls = tls;
    this.port = port;
  }

  /**
   * Adds a route. {@code {name}} in the pattern catches one path segment (still encoded), {@code
   * {name+}} one or more.
   */
  public SimServer route(String method, String pattern, Handler handler) {
    List<String> variables = new ArrayList<>();
    StringBuilder regex = new StringBuilder();
    Matcher variable = Pattern.compile("\\{([a-zA-Z]+)(\\+?)}").matcher(pattern);
    int end = 0;
    while (variable.find()) {
      regex.append(Pattern.quote(pattern.substring(end, variable.start())));
      variables.add(variable.group(1));
      regex.append(variable.group(2).isEmpty() ? "([^/]+)" : "(.+)");
      end = variable.end();
    }
    regex.append(Pattern.quote(pattern.substring(end)));
    routes.add(new Route(method, Pattern.compile(regex.toString()), variables, handler));
    return this;
  }

  /** What answers a request that no route takes; 404 by default. */
  public SimServer fallback(Handler handler) {
    fallback = handler;
    return this;
  }

  /** Starts, or starts again on the same port. */
  public synchronized SimServer start() {
    if (server != null) {
      return this;
    }
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      HttpServer created;
      if (tls == null) {
        created = HttpServer.create(address, 1024);
      } else {
        HttpsServer https = HttpsServer.create(address, 1024);
        https.setHttpsConfigurator(wantingCertificates(tls));
        created = https;
      }
      ExecutorService executor =
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
      created.setExecutor(executor);
      created.createContext("/", this::serve);
      created.start();
      server = created;
      threads = executor;
      port = created.getAddress().getPort();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client certificate is asked for, and none is accepted too: handlers decide. */
  private static HttpsConfigurator wantingCertificates(SSLContext tls) {
    return new HttpsConfigurator(tls) {
      @Override
      public void configure(HttpsParameters connection) {
        SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
        parameters.setWantClientAuth(true);
        connection.setSSLParameters(parameters);
      }
    };
  }

  private static boolean showedCertificate(HttpExchange exchange) {
    if (!(exchange instanceof HttpsExchange https)) {
      return false;
    }
    try {
      return https.getSSLSession().getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException none) {
      return false;
    }
  }

  /** Goes down: connections are refused until {@link #start}. */
  public synchronized void stop() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
    if (threads != null) {
      threads.shutdownNow();
      threads = null;
    }
  }

  /** Whether it is up. */
  public synchronized boolean running() {
    return server != null;
  }

  @Override
  public void close() {
    stop();
  }

  /** The base URL, without a trailing slash. */
  public String url() {
    return (tls == null ? "http" : "https") + "://127.0.0.1:" + port;
  }

  /** The port. */
  public int port() {
    return port;
  }

  /** The faults. */
  public Faults faults() {
    return faults;
  }

  /** What was asked, oldest first. */
  public List<Ask> log() {
    return List.copyOf(log);
  }

  /** What was asked, as far as it matches. */
  public List<Ask> log(Predicate<Ask> which) {
    return log.stream().filter(which).toList();
  }

  /** Forgets what was asked. */
  public void clearLog() {
    log.clear();
  }

  /** Switches the log off, for load tests. */
  public void logging(boolean on) {
    logging = on;
  }

  /** Hears of each request as it comes, with the port that it comes from. */
  public void onRequest(IntConsumer hears) {
    sender = hears;
  }

  /** Requests that came, logged or not. */
  public long requests() {
    return requestsIn.sum();
  }

  /** Bytes of all answers' bodies. */
  public long bytesSent() {
    return bytesOut.sum();
  }

  private void serve(HttpExchange exchange) throws IOException {
    requestsIn.increment();
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      Route route = null;
      Map<String, String> variables = new LinkedHashMap<>();
      String path = exchange.getRequestURI().getRawPath();
      for (Route candidate : routes) {
        Matcher match = candidate.path().matcher(path);
        if (candidate.method().equals(exchange.getRequestMethod()) && match.matches()) {
          route = candidate;
          for (int i = 0; i < candidate.variables().size(); i++) {
            variables.put(candidate.variables().get(i), match.group(i + 1));
          }
          break;
        }
      }
      Map<String, String> headers = new LinkedHashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((key, values) -> headers.put(key.toLowerCase(Locale.ROOT), values.getFirst()));
      Ask ask =
          new Ask(
              clock.instant(),
              exchange.getRequestMethod(),
              path,
              exchange.getRequestURI().getRawQuery(),
              Map.copyOf(headers),
              body,
              Map.copyOf(variables),
              showedCertificate(exchange));
      if (logging) {
        log.add(ask);
      }
      sender.accept(exchange.getRemoteAddress().getPort());
      answer(exchange, ask, route == null ? fallback : route.handler());
    }
  }

  private void answer(HttpExchange exchange, Ask ask, Handler handler) throws IOException {
    Fault fault = faults.of(ask).orElse(null);
    switch (fault) {
      case null -> send(exchange, handle(handler, ask), false);
      case Fault.Delay delay -> {
        try {
          Thread.sleep(delay.by());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        send(exchange, handle(handler, ask), false);
      }
      case Fault.Reply reply -> send(exchange, reply.answer(), false);
      case Fault.Drop drop -> exchange.close();
      case Fault.HandleThenDrop drop -> {
        handle(handler, ask);
        exchange.close();
      }
      case Fault.HalfAnswer half -> send(exchange, handle(handler, ask), true);
    }
  }

  private Answer handle(Handler handler, Ask ask) {
    try {
      return handler.handle(ask);
    } catch (Exception e) {
      // A simulator's own fault must not look like a simulated one.
      return Answer.text(599, name + " simulator failed on " + ask + ": " + e);
    }
  }

  private void send(HttpExchange exchange, Answer answer, boolean half) throws IOException {
    if (answer.status() == 0) {
      exchange.close();
      return;
    }
    answer.headers().forEach((key, value) -> exchange.getResponseHeaders().set(key, value));
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head || answer.body().length == 0) {
      // -1 sends no body; a HEAD may still announce a length through its own header.
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), answer.body().length);
    int length = half ? answer.body().length / 2 : answer.body().length;
    exchange.getResponseBody().write(answer.body(), 0, length);
    bytesOut.add(length);
    if (!half) {
      exchange.getResponseBody().close();
    }
  }
}
