package io.goharbor.preheat.execution.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EtaEstimatorTest {
  private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

  private final List<EtaEstimator.Item> items = new ArrayList<>();

  @ParameterizedTest(name = "{0} s for a tenth: {1}")
  @CsvSource({
    "1, 50s", // Whatever is done in the first moments is taken to have taken five seconds.
    "10, 2m",
    "20, 3m",
    "60, 9m",
    "590, 1h30m",
  })
  void what_is_left_goes_as_fast_as_what_is_done(int seconds, String remaining) {
    ended("d", 1000, seconds - 1);
    open("d", 9000);
    assertThat(at(seconds)).isEqualTo(remaining);
  }

  @Test
  void what_is_done_of_late_counts() {
    ended("d", 1_000_000, 10);
    ended("d", 1000, 3500);
    open("d", 1000);
    assertThat(at(3600)).as("1000 bytes in the last ten minutes").isEqualTo("10m");
  }

  @Test
  void the_slowest_provider_counts() {
    ended("fast", 1000, 9);
    open("fast", 1000);
    ended("slow", 100, 9);
    open("slow", 1000);
    assertThat(at(10)).isEqualTo("2m");
  }

  @Test
  void what_is_warm_of_a_task_under_way_counts_for_both_sides() {
    items.add(new EtaEstimator.Item("d", 1000, 500, null));
    assertThat(at(60)).isEqualTo("1m");
  }

  @Test
  void nothing_is_said_without_knowledge() {
    assertThat(at(60)).isNull();
    open("d", 1000);
    assertThat(at(60)).as("nothing was warm yet").isNull();
    assertThat(EtaEstimator.remaining(items, null, START)).isNull();
    ended("d", 1000, 70);
    assertThat(EtaEstimator.remaining(items, START.plusSeconds(900), START))
        .as("the clock was set back")
        .isNotNull();
  }

  private @Nullable String at(int seconds) {
    return EtaEstimator.remaining(items, START, START.plusSeconds(seconds));
  }

  private void ended(String provider, long bytes, int second) {
    items.add(new EtaEstimator.Item(provider, bytes, bytes, START.plusSeconds(second)));
  }

  private void open(String provider, long bytes) {
    items.add(new EtaEstimator.Item(provider, bytes, 0, null));
  }
}
