package io.goharbor.preheat.server;

import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** An HTTP/1.1 server on one port. */
public final class HttpListener implements AutoCloseable {
  /** On which threads requests are read and answered. */
  public enum Threads {
    /** Each on a virtual thread of its own, which may wait. */
    VIRTUAL,
    /** On a platform thread that serves all; an answer must not wait for anything. */
    PLATFORM
  }

  private static final int BACKLOG = 512;

  /**
   * An event with hundreds of artifacts is a hundred kilobytes; taken only while something comes.
   */
  private static final int INPUT = 32 * 1024;

  private static final int MAX_PLATFORM_THREADS = 8;
  private static final Duration SWEEP = Duration.ofMillis(200);
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(3);

  /** Buffers that are kept for the next request. */
  private static final long KEPT_BUFFERS = 2 << 20;

  private final ExecutorService virtual;
  private final Server server;
  private final Connections connections;
  private final ServerConnector connector;
  private final Supervisor supervisor;
  private @Nullable Loop sweeping;

  /**
   * Binds the port; nothing is answered yet.
   *
   * @param name of the threads
   * @param address with port 0: a free one
   * @param tls null: plain HTTP
   * @throws IOException when the address cannot be bound
   */
  public HttpListener(
      String name,
      InetSocketAddress address,
      @Nullable SSLContext tls,
      ListenerLimits limits,
      Threads threads,
      Service service,
      Supervisor supervisor)
      throws IOException {
    this.supervisor = supervisor;
    virtual = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    QueuedThreadPool platform = new QueuedThreadPool(MAX_PLATFORM_THREADS, 1);
    platform.setName(name);
    platform.setReservedThreads(0);
    if (threads == Threads.VIRTUAL) {
      platform.setVirtualThreadsExecutor(virtual);
    }
    server =
        new Server(
            platform, null, new ArrayByteBufferPool(-1, -1, -1, -1, KEPT_BUFFERS, KEPT_BUFFERS));
    Exchanges exchanges =
        new Exchanges(
            service,
            limits,
            threads == Threads.VIRTUAL ? InvocationType.BLOCKING : InvocationType.NON_BLOCKING);
    server.setHandler(exchanges);
    server.setErrorHandler(exchanges::badRequest);
    connections = new Connections(limits, service::dropped);
    connector = new LimitedConnector(server, connections, protocols(tls, limits));
    connector.setHost(address.getAddress().isAnyLocalAddress() ? null : address.getHostString());
    connector.setPort(address.getPort());
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);
    try {
      connector.open();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          name
              + " cannot listen at "
              + address
              + ": "
              + cause.getMessage()
              + "; free the port or set another as "
              + name
              + ".port",
          e);
    }
  }

  private static ConnectionFactory[] protocols(@Nullable SSLContext tls, ListenerLimits limits) {
    HttpConfiguration http = new HttpConfiguration();
    http.setHttpCompliance(HttpCompliance.RFC9110);
    // Paths are compared with the few that there are, so an empty part is one more that there is
    // not.
    http.setUriCompliance(
        UriCompliance.DEFAULT.with("empty parts", Violation.AMBIGUOUS_EMPTY_SEGMENT));
    http.setRequestHeaderSize(limits.headerBytes());
    http.setInputBufferSize(INPUT);
    http.setSendServerVersion(false);
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    if (tls == null) {
      return new ConnectionFactory[] {plain};
    }
    SslContextFactory.Server context = new SslContextFactory.Server();
    context.setSslContext(tls);
    SslConnectionFactory secure =
        new SslConnectionFactory(context, HttpVersion.HTTP_1_1.asString());
    // It would refuse callers that use another name of the Service than the certificate has.
    secure.setEnsureSecureRequestCustomizer(false);
    return new ConnectionFactory[] {secure, plain};
  }

  /** Begins to answer. */
  public void start() {
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server on port " + port() + " did not start", e);
    }
    sweeping =
        supervisor.loopOnPlatformThread(
            "connection-sweep",
            WITHIN,
            () -> {
              Thread.sleep(SWEEP);
              connections.sweep();
            });
  }

  /** The port that is bound. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Open connections. */
  public int connections() {
    return connections.size();
  }

  /** Requests that are not answered yet, or whose answer is not read. */
  public long atWork() {
    return connections.atWork();
  }

  /** Takes no more connections, and lets requests under way be answered for three seconds. */
  @Override
  public void close() {
    connector.close();
    try {
      long end = System.nanoTime() + STOP.toNanos();
      while (connections.atWork() > 0 && System.nanoTime() - end < 0) {
        Thread.sleep(10);
      }
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server did not stop", e);
    }
    if (sweeping != null) {
      sweeping.close();
    }
    virtual.shutdown();
  }
}
