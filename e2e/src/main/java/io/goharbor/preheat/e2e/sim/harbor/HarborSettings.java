package io.goharbor.preheat.e2e.sim.harbor;

/**
 * What Harbor says of itself, and acts by.
 *
 * @param version such as v2.14.4-5b0bcabd
 * @param readOnly changes are refused
 * @param sendsEvents webhooks are switched on
 */
record HarborSettings(String version, boolean readOnly, boolean sendsEvents) {
  /** Whether this is a version, or a later one, of the same major version. */
  boolean atLeast(int minor) {
    return Integer.parseInt(version.split("\\.", 3)[1]) >= minor;
  }
}
