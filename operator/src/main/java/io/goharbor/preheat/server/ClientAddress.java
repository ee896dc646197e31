package io.goharbor.preheat.server;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Whom an address counts as. A host has all of its IPv6 network of 64 bits to call from (RFC 4291,
 * section 2.5.4), so these are one.
 */
record ClientAddress(String text) {
  private static final int NETWORK_BYTES = 8;

  static ClientAddress of(InetAddress address) {
    return address instanceof Inet6Address
        ? new ClientAddress(
            HexFormat.of().formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES)) + "/64")
        : new ClientAddress(address.getHostAddress());
  }
}
