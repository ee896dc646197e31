package io.goharbor.preheat.e2e.world;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/** A network between two parties, which can fail as networks do. */
public final class TcpProxy implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;

  private final IntSupplier target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition thawed = lock.newCondition();
  private final int port;
  private boolean frozen;
  private volatile ServerSocket server;
  private volatile boolean closed;

  /** A network to a port of the loopback address. */
  public TcpProxy(int target) throws IOException {
    this(() -> target);
  }

  /** A network to ports of the loopback address; each connection goes to what is said then. */
  public TcpProxy(IntSupplier target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    this.port = server.getLocalPort();
    accept(server);
  }

  /** The port at this end. */
  public int port() {
    return port;
  }

  /** Nothing passes, and no one is told: no connection is reset. */
  public void freeze() {
    lock.lock();
    try {
      frozen = true;
    } finally {
      lock.unlock();
    }
  }

  /** What was held up passes. */
  public void thaw() {
    lock.lock();
    try {
      frozen = false;
      thawed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Connections break, and new ones are refused. */
  public void refuse() throws IOException {
    server.close();
    open.forEach(TcpProxy::shut);
  }

  /** Takes connections again after {@link #refuse}. */
  public void accept() throws IOException {
    server = new ServerSocket(port, 512, InetAddress.getLoopbackAddress());
    accept(server);
  }

  @Override
  public void close() throws IOException {
    closed = true;
    thaw();
    refuse();
  }

  private void accept(ServerSocket from) {
    Thread.ofVirtual()
        .name("proxy-accept")
        .start(() -> {
          while (!from.isClosed()) {
            try {
              Socket near = from.accept();
              open.add(near);
              Thread.ofVirtual().name("proxy").start(() -> connect(near));
            } catch (IOException e) {
              // Refusing.
            }
          }
        });
  }

  private void connect(Socket near) {
    try (near;
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target.getAsInt())) {
      open.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Thread back = Thread.ofVirtual().name("proxy-back").start(() -> copy(far, near));
      copy(near, far);
      back.join();
      open.remove(far);
    } catch (IOException e) {
      // The other end is away.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(near);
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (awaitThaw()) {
          read += afterThaw(from, in, buffer, read);
        }
        out.write(buffer, 0, read);
      }
      awaitThaw();
      to.shutdownOutput();
    } catch (IOException e) {
      shut(from);
      shut(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A network holds nothing: what its sender has taken back by a reset does not arrive. */
  private static int afterThaw(Socket from, InputStream in, byte[] buffer, int used)
      throws IOException {
    from.setSoTimeout(20);
    try {
      return used == buffer.length ? 0 : Math.max(0, in.read(buffer, used, buffer.length - used));
    } catch (SocketTimeoutException e) {
      return 0;
    } finally {
      from.setSoTimeout(0);
    }
  }

  /** Whether it had to wait. */
  private boolean awaitThaw() throws InterruptedException {
    lock.lock();
    try {
      boolean waited = frozen;
      while (frozen && !closed) {
        thawed.await();
      }
      return waited;
    } finally {
      lock.unlock();
    }
  }

  private static void shut(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone.
    }
  }
}
