package io.goharbor.preheat.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HarborVersionTest {
  @ParameterizedTest
  @CsvSource({
    "v2.8.0-5b0bcabd, true",
    "v2.10.1, true",
    "2.16.0, true",
    "v3.0.0, true",
    "v2.8, true",
    "v2.7.4-5b0bcabd, false",
    "v1.10.9, false",
    ", true",
    "dev, true",
    "v2, true",
    "v99999999999.1, true"
  })
  void one_that_does_not_tell_its_version_is_taken_for_new(
      @Nullable String version, boolean sends) {
    assertThat(HarborVersion.sendsCloudEvents(version)).isEqualTo(sends);
  }
}
