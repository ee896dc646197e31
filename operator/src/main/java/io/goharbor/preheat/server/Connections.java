package io.goharbor.preheat.server;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The open connections of a listener, and who has to leave. */
final class Connections {
  private static final Duration ROOM_AGAIN = Duration.ofMillis(10);

  private final ListenerLimits limits;
  private final Consumer<Dropped> dropped;
  private final Map<SocketChannel, ClientConnection> open = new ConcurrentHashMap<>();

  Connections(ListenerLimits limits, Consumer<Dropped> dropped) {
    this.limits = limits;
    this.dropped = dropped;
  }

  /** Waits until there is room for one more, for which another may have to go. */
  void awaitRoom() throws InterruptedException {
    while (open.size() >= limits.connections()) {
      open.values().removeIf(one -> !one.isOpen());
      Optional<ClientConnection> leaves =
          Eviction.forNew(open.values(), ClientConnection::state, System.nanoTime());
      if (leaves.isPresent()) {
        drop(leaves.get(), Dropped.FULL);
      } else {
        Thread.sleep(ROOM_AGAIN);
      }
    }
  }

  void opened(SocketChannel channel) {
    open.put(channel, new ClientConnection(channel));
  }

  /**
   * The connection of a channel.
   *
   * @throws ClosedChannelException when it has had to leave already
   */
  ClientConnection of(SocketChannel channel) throws ClosedChannelException {
    ClientConnection one = open.get(channel);
    if (one == null || !one.isOpen()) {
      throw new ClosedChannelException();
    }
    return one;
  }

  /** Closes what has had its time, and the strangers beyond what their address may have. */
  void sweep() {
    open.values().removeIf(one -> !one.isOpen());
    long now = System.nanoTime();
    for (ClientConnection one : open.values()) {
      if (one.state().late(limits, now)) {
        drop(one, Dropped.LATE);
      }
    }
    for (ClientConnection one :
        Eviction.overAddress(
            open.values(), ClientConnection::state, limits.strangersPerAddress(), now)) {
      drop(one, Dropped.ADDRESS);
    }
  }

  private void drop(ClientConnection one, Dropped why) {
    if (one.isOpen()) {
      dropped.accept(why);
      one.close();
    }
  }

  int size() {
    return (int) open.values().stream().filter(ClientConnection::isOpen).count();
  }

  /** How many have a request that is not answered. */
  long atWork() {
    return open.values().stream()
        .filter(one -> one.isOpen() && one.state().phase() != ConnectionState.Phase.HEADER)
        .count();
  }
}
