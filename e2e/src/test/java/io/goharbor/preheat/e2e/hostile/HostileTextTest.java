package io.goharbor.preheat.e2e.hostile;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Text that is meant for terminals, browsers and parsers. */
class HostileTextTest implements HostileTextRows {
  private static SharedCluster cluster;

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

  @Override
  public SharedCluster cluster() {
    return cluster;
  }
}
