package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Harbor's six fields as our five. */
class CronTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 0 2 * * *         | 0 2 * * *         | in UTC.",
        "00 */15 8-18 * * MON-FRI | */15 8-18 * * MON-FRI | in UTC.",
        "0  0   2 ? * 1,3    | 0 2 ? * 1,3       | in UTC.",
        "30 0 2 * * *        | 0 2 * * *         | The seconds are dropped",
        "*/30 * * * * *      | * * * * *         | becomes once, at the full minute",
        "0 2 * * *           | 0 2 * * *         | It wants six fields",
        "@daily              | @daily            | It wants six fields",
        "''                  |                   | empty schedule",
        "0 0 25 * * *        |                   | Nothing starts by itself",
        "@every 1h           |                   | does not have five fields",
        "TZ=UTC 0 0 2 * * *  |                   | does not have five fields",
        "0 0 2 * * 5#2       |                   | Nothing starts by itself",
      })
  void six_fields_become_five(String harbor, String ours, String note) {
    CronText text = CronText.of(harbor);
    assertThat(text.cron()).isEqualTo(ours);
    assertThat(text.note()).contains(note);
  }
}
