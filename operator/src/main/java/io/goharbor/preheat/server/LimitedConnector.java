package io.goharbor.preheat.server;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Accepts a connection when there is room for it; until then it waits in the kernel's queue. */
final class LimitedConnector extends ServerConnector {
  private final Connections connections;

  LimitedConnector(Server server, Connections connections, ConnectionFactory[] protocols) {
    super(server, null, null, null, 1, 1, protocols);
    this.connections = connections;
  }

  /** On the one thread that accepts. */
  @Override
  protected void configure(Socket socket) {
    super.configure(socket);
    try {
      connections.awaitRoom();
      connections.opened(socket.getChannel());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) throws IOException {
    ClientConnection connection = connections.of(channel);
    LimitedEndPoint endPoint =
        new LimitedEndPoint(channel, selector, key, getScheduler(), connection);
    connection.carriedBy(endPoint);
    return endPoint;
  }
}
