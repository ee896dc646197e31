package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverviewTest {
  private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

  @Test
  void what_runs_is_all_shown_and_of_the_rest_the_newest() {
    List<PreheatExecution> ended =
        IntStream.range(10, 20).mapToObj(hour -> execution("e" + hour, hour, "Succeeded")).toList();
    PreheatExecution part = execution("part", 1, "Running");
    part.setSpec(
        Serialization.unmarshal(
            "partOf: {name: big, number: 1}", io.goharbor.preheat.api.PreheatExecutionSpec.class));
    Snapshot all =
        new Snapshot(
            List.of(),
            List.of(),
            List.of(),
            Stream.concat(ended.stream(), Stream.of(execution("big", 1, "Running"), part))
                .toList());

    assertThat(new Overview("default", false, 2).lines(all, NOW).stream().map(OverviewTest::first))
        .containsExactly("EXECUTION", "big", "e19", "e18", "and");
    assertThat(new Overview("default", false, 2).lines(all, NOW).getLast())
        .isEqualTo("and 8 more that ended; kubectl get phx -n default lists them");
  }

  @ParameterizedTest
  @CsvSource({
    "-5, 0, 0",
    "0, 0, 0",
    "1, 0, 1",
    "50, 12, 0",
    "99, 23, 1",
    "100, 24, 0",
    "150, 24, 0"
  })
  void bars_are_of_one_width(int percent, int full, int begun) {
    String bar = Bar.of(percent);

    assertThat(bar).hasSize(26);
    assertThat(bar.chars().filter(letter -> letter == '\u2588').count()).isEqualTo(full);
    assertThat(bar.substring(1, 25).chars().filter(cell -> cell != '\u2588' && cell != ' ').count())
        .isEqualTo(begun);
  }

  @Test
  void a_screen_is_drawn_in_place_and_never_longer_than_the_terminal() {
    StringWriter text = new StringWriter();
    try (LiveScreen screen = new LiveScreen(new PrintWriter(text), 3)) {
      screen.draw(List.of("one", "two", "three", "four"));
      screen.draw(List.of("five"));
    }

    assertThat(text.toString())
        .isEqualTo(
            "\u001b[?7l\u001b[?25l"
                + "\rone\u001b[K\n\rtwo\u001b[K\n\u001b[J"
                + "\u001b[2A\rfive\u001b[K\n\u001b[J"
                + "\u001b[?7h\u001b[?25h");
  }

  @ParameterizedTest
  @CsvSource({"0, 0s", "119, 119s", "120, 2m", "7199, 119m", "7200, 2h", "172800, 2d"})
  void ages_are_kubectls(long seconds, String age) {
    assertThat(DisplayText.age(NOW.minusSeconds(seconds), NOW)).isEqualTo(age);
  }

  private static String first(String line) {
    return line.split(" ", 2)[0];
  }

  private static PreheatExecution execution(String name, int hour, String phase) {
    return Serialization.unmarshal(
        "apiVersion: preheat.goharbor.io/v1alpha1\nkind: PreheatExecution\nmetadata: {name: "
            + name
            + ", namespace: default, creationTimestamp: '2026-10-31T"
            + (hour < 10 ? "0" : "")
            + hour
            + ":00:00Z'}\nspec: {}\nstatus: {phase: "
            + phase
            + "}",
        PreheatExecution.class);
  }
}
