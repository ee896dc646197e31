package io.goharbor.preheat.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.TimeValue;

/** That the benchmark measures what it says; it takes no times. */
class MatchTest {
  @ParameterizedTest
  @ValueSource(ints = {100, 1_000})
  void both_ways_find_the_same_and_an_event_concerns_as_many_policies_in_every_size(int policies) {
    MatchData data = new MatchData(policies);
    for (MatchData.Event event : data.events()) {
      assertThat(data.byIndex(event))
          .as("%s", event)
          .containsExactlyInAnyOrderElementsOf(data.byAskingAll(event));
    }
    assertThat(data.events()).extracting(event -> data.byIndex(event).size()).contains(1, 2, 4);
    assertThat(data.events().stream().mapToInt(event -> data.byIndex(event).size()).average())
        .hasValueCloseTo(2.0, org.assertj.core.data.Offset.offset(0.5));
  }

  @Test
  void jmh_can_measure_without_a_jvm_of_its_own() throws Exception {
    double micros =
        new Runner(
                Match.options("index", 100)
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(10))
                    .build())
            .runSingle()
            .getPrimaryResult()
            .getScore();
    assertThat(micros).isPositive();
  }
}
