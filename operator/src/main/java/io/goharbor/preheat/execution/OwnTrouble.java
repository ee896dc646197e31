package io.goharbor.preheat.execution;

import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.OrderSource;
import io.goharbor.preheat.provider.PreheatOrder;

/** Notes whether an order could not be made: the trouble is the registry's, not the provider's. */
final class OwnTrouble implements OrderSource {
  private final OrderSource source;
  private volatile boolean met;

  OwnTrouble(OrderSource source) {
    this.source = source;
  }

  @Override
  public PreheatOrder get() throws RemoteCallException {
    try {
      return source.get();
    } catch (RemoteCallException e) {
      met = true;
      throw e;
    }
  }

  boolean met() {
    return met;
  }
}
