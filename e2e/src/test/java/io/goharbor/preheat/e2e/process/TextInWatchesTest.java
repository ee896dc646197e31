package io.goharbor.preheat.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.WebSocketKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both forms of watches: a proxy or a mesh may let only one of them through. */
class TextInWatchesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path scratch;

  @Test
  void plain_streams() throws Exception {
    try (World world = new World(ROOT, scratch, EmbeddedKube.start())) {
      TextInWatches.check(world);
    }
  }

  @Test
  void web_sockets() throws Exception {
    WebSocketKube kube = new WebSocketKube();
    try (World world = new World(ROOT, scratch, kube)) {
      TextInWatches.check(world);
      assertThat(kube.watches()).isGreaterThanOrEqualTo(4);
    }
  }
}
