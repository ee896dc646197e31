package io.goharbor.preheat.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;

/** Tells a connection what comes, below TLS. */
final class LimitedEndPoint extends SocketChannelEndPoint {
  private final ClientConnection connection;

  LimitedEndPoint(
      SocketChannel channel,
      ManagedSelector selector,
      SelectionKey key,
      Scheduler scheduler,
      ClientConnection connection) {
    super(channel, selector, key, scheduler);
    this.connection = connection;
  }

  /** What carries requests, with or without TLS between. */
  static ClientConnection connection(EndPoint endPoint) {
    EndPoint here = endPoint;
    while (here instanceof EndPoint.Wrapper wrapper) {
      here = wrapper.unwrap();
    }
    return ((LimitedEndPoint) here).connection;
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    int filled = super.fill(buffer);
    if (filled > 0) {
      long now = System.nanoTime();
      connection.become(at -> at.bytes(now));
    }
    return filled;
  }
}
