package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PressureTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Pressure pressure = new Pressure(now::get, new Random(5));

  @Test
  void anOriginThatIsFreeIsAsked() {
    assertThat(pressure.pause("o:80")).isZero();
  }

  @Test
  void pausesGrowToHalfAMinuteAndDiffer() {
    long base = 1000;
    for (int i = 0; i < 12; i++) {
      Duration pause = pressure.busy("o:80", null);
      assertThat(pause).isBetween(Duration.ofMillis(base * 3 / 4), Duration.ofMillis(base * 5 / 4));
      assertThat(pressure.pause("o:80")).isEqualTo(pause);
      assertThat(pressure.pause("other:80")).isZero();
      now.updateAndGet(before -> before.plus(pause));
      base = Math.min(2 * base, 30_000);
    }
  }

  @Test
  void notAllComeBackTogether() {
    Set<Duration> pauses = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      pauses.add(pressure.busy("o-" + i, null));
    }
    assertThat(pauses).hasSizeGreaterThan(15);
  }

  @Test
  void callsThatWereUnderWayTogetherCountOnce() {
    Duration first = pressure.busy("o:80", null);

    assertThat(pressure.busy("o:80", null)).isEqualTo(first);
  }

  @Test
  void thePauseThatIsAskedForIsGiven() {
    assertThat(pressure.busy("o:80", Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void workThatIsTakenEndsIt() {
    pressure.busy("o:80", null);
    pressure.free("o:80");

    assertThat(pressure.pause("o:80")).isZero();
  }
}
