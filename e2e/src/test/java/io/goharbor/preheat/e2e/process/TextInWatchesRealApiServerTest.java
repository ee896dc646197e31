package io.goharbor.preheat.e2e.process;

import io.goharbor.preheat.e2e.kube.RealKubes;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same on a real API server, where the client uses web sockets. */
class TextInWatchesRealApiServerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void a_real_api_server(@TempDir Path scratch) throws Exception {
    try (World world = new World(ROOT, scratch, RealKubes.startOrSkip(scratch.resolve("kube")))) {
      TextInWatches.check(world);
    }
  }
}
