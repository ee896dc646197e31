package io.goharbor.preheat.e2e.hostile;

/** Text that is meant for terminals, browsers and parsers. */
class HostileTextTest extends OnEmbeddedCluster implements HostileTextRows {}
