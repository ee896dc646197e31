package io.goharbor.preheat.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A connection from when it is accepted, and where it stands. */
final class ClientConnection {
  private final SocketChannel channel;
  private final AtomicReference<ConnectionState> state;
  private volatile @Nullable LimitedEndPoint endPoint;

  ClientConnection(SocketChannel channel) {
    this.channel = channel;
    this.state =
        new AtomicReference<>(
            ConnectionState.opened(
                ClientAddress.of(channel.socket().getInetAddress()), System.nanoTime()));
  }

  ConnectionState state() {
    return state.get();
  }

  void become(UnaryOperator<ConnectionState> next) {
    state.updateAndGet(next);
  }

  /** The library has taken it up. */
  void carriedBy(LimitedEndPoint library) {
    endPoint = library;
  }

  /** Whether it has sent something that is not read yet. */
  boolean unread() {
    try {
      return channel.socket().getInputStream().available() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  void close() {
    LimitedEndPoint library = endPoint;
    if (library != null) {
      library.close();
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
