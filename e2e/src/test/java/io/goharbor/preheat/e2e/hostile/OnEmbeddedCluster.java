package io.goharbor.preheat.e2e.hostile;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of its own for each test class, on the embedded API. When all was tried, the operator
 * must have answered its probes all the time, and no secret may be seen anywhere.
 */
abstract class OnEmbeddedCluster {
  protected static SharedCluster cluster;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    cluster = SharedCluster.embedded(scratch);
  }

  @AfterAll
  static void stop() throws Exception {
    try (SharedCluster ended = cluster) {
      ended.pulse().check();
      new Secrecy(ended).check("platform/main");
    }
  }

  /** The cluster of this class. */
  public SharedCluster cluster() {
    return cluster;
  }
}
