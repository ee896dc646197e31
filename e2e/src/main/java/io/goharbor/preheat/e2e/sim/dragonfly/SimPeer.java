package io.goharbor.preheat.e2e.sim.dragonfly;

/**
 * A peer.
 *
 * @param seed whether it is a seed peer; the others run on nodes
 */
record SimPeer(String host, String ip, boolean seed) {}
