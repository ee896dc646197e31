package io.goharbor.preheat.e2e.demo;

import io.goharbor.preheat.e2e.world.World;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** People at work: an image is pushed every few seconds. */
final class Traffic {
  private static final List<String> NAMES = List.of("web", "api", "cart", "mail", "search");

  private final World world;
  private int build = 100;

  Traffic(World world) {
    this.world = world;
  }

  void run() throws InterruptedException {
    while (true) {
      Thread.sleep(3000 + ThreadLocalRandom.current().nextInt(5000));
      String name = NAMES.get(ThreadLocalRandom.current().nextInt(NAMES.size()));
      world
          .harbor()
          .push(
              "shop",
              name,
              "build-" + build,
              Map.of("base", 28_000_000L, name + " " + build++, 9_000_000L));
    }
  }
}
