package io.goharbor.preheat.server;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open connections of a listener, and who has to leave. */
final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);
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
          Eviction.forNew(mayLeave(), ClientConnection::state, System.nanoTime());
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
    for (ClientConnection one : mayLeave()) {
      if (one.state().late(limits, now)) {
        drop(one, Dropped.LATE);
      }
    }
    for (ClientConnection one :
        Eviction.overAddress(
            mayLeave(), ClientConnection::state, limits.strangersPerAddress(), now)) {
      drop(one, Dropped.ADDRESS);
    }
  }

  /** Under load requests lie in the kernel for a while before they are read. */
  private List<ClientConnection> mayLeave() {
    return open.values().stream()
        .filter(one -> !(one.state().mayWaitForUs() && one.unread()))
        .toList();
  }

  private void drop(ClientConnection one, Dropped why) {
    if (one.isOpen()) {
      dropped.accept(why);
      ConnectionState state = one.state();
      log.atDebug()
          .addKeyValue("address", state.address().text())
          .addKeyValue("reason", why)
          .addKeyValue("waitingFor", state.phase())
          .addKeyValue("known", state.known())
          .log("Connection closed before its time");
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
