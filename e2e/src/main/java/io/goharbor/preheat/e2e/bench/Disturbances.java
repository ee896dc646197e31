package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Kills the operator, the API server and Harbor at random moments, and lets them come back. */
final class Disturbances implements AutoCloseable {
  /** Who is killed. */
  enum Victim {
    OPERATOR,
    API_SERVER,
    HARBOR
  }

  private static final Duration LONGEST_ABSENCE = Duration.ofSeconds(4);
  private static final Duration START = Duration.ofSeconds(90);

  private final World world;
  private final EmbeddedKube kube;
  private final Duration between;
  private final Random random;
  private final Map<Victim, Integer> counts = new EnumMap<>(Victim.class);
  private final Thread thread;
  private volatile boolean over;
  private volatile @Nullable Exception failure;

  /**
   * Begins.
   *
   * @param between mean time from one to the next
   */
  Disturbances(World world, EmbeddedKube kube, Duration between, long seed) {
    this.world = world;
    this.kube = kube;
    this.between = between;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().name("disturbances").start(this::run);
  }

  private void run() {
    try {
      // Each at least once, however short the run is.
      for (int i = 0; !over || i < Victim.values().length; i++) {
        Thread.sleep((long) (between.toMillis() * (0.5 + random.nextDouble())));
        Victim victim =
            i < Victim.values().length
                ? Victim.values()[i]
                : Victim.values()[random.nextInt(Victim.values().length)];
        disturb(victim, random.nextLong(200, LONGEST_ABSENCE.toMillis()));
        counts.merge(victim, 1, Integer::sum);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void disturb(Victim victim, long millis) throws InterruptedException {
    switch (victim) {
      case OPERATOR -> {
        world.operator().kill();
        Thread.sleep(millis);
        world.operator().start();
        world.operator().awaitReady(START);
      }
      case API_SERVER -> {
        kube.kill();
        try {
          Thread.sleep(millis);
        } finally {
          kube.revive();
        }
      }
      case HARBOR -> {
        world.harbor().server().stop();
        try {
          Thread.sleep(millis);
        } finally {
          world.harbor().server().start();
        }
      }
    }
  }

  /** Ends them; everybody is back then. */
  Map<Victim, Integer> end() throws Exception {
    over = true;
    thread.join();
    if (failure != null) {
      throw failure;
    }
    return counts;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
