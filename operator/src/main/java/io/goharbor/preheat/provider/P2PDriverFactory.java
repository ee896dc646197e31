package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.P2PProviderSpec;

/** Opens drivers of one type; a {@link java.util.ServiceLoader} service. */
public interface P2PDriverFactory {
  /** The type of provider that this factory serves. */
  P2PProviderSpec.Type type();

  /** Opens a driver; does no I/O. */
  P2PDriver open(DriverSettings settings);
}
