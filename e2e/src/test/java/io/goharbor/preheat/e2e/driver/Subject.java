package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import java.util.List;
import java.util.function.Predicate;

/** A simulated P2P system, as far as every driver's contract needs to know it. */
interface Subject extends AutoCloseable {
  /** How a provider for it is written. */
  P2PProviderSpec spec();

  /** Whether it can be asked what it holds; if not, its orders end unverified. */
  default boolean verifiable() {
    return true;
  }

  /** How the operator signs in to it. */
  Credential credential();

  /** Values that must never be seen in a message; those of the pull authority are known already. */
  List<String> secrets();

  /** All servers of the system; it is down when they are. */
  List<SimServer> servers();

  /** Which requests send work. */
  Predicate<Ask> sends();

  /** Pieces of work that the system was given and did not recognise as known. */
  int begun();

  /** Whether the system really holds what a scope of all seed peers promises. */
  boolean holds(ImageManifest manifest);

  /**
   * Makes the system forget its jobs.
   *
   * @return false when it has none that it could forget
   */
  boolean forgetJobs();

  @Override
  void close();
}
