package io.goharbor.preheat.provider;

import io.goharbor.preheat.http.RemoteCallException;

/** Makes an order when it is needed; may ask Harbor for the manifest. */
@FunctionalInterface
public interface OrderSource {
  /** The order. */
  PreheatOrder get() throws RemoteCallException;
}
