package io.goharbor.preheat.e2e.bench;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.world.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The same as {@link OutagesTest} on a real API server, whose audit log tells who wrote. */
@Isolated("measures what another suite beside it would change")
class OutagesRealApiServerTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void one_leads_and_nothing_is_lost_whatever_fails(@TempDir Path scratch) throws Exception {
    Optional<Path> assets = RealKube.assets();
    assumeTrue(assets.isPresent(), "KUBEBUILDER_ASSETS names no kube-apiserver and etcd");
    RealKube kube =
        RealKube.start(assets.orElseThrow(), scratch.resolve("kube"), Duration.ofMinutes(2));
    try (World world = new World(ROOT, scratch, kube)) {
      OutagesTest.check(
          new Outages.Run(world, new RealApi(kube), scratch, OutagesTest.SHORT).run());
    }
  }
}
