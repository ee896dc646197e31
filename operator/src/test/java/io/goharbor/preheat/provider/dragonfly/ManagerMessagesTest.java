package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagerMessagesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "token: Bearer abcdefghij|token: Bearer ***",
        "Basic YWRtaW46c2VjcmV0|Basic ***",
        "{\"Authorization\":\"bearer abcdefghij\"}|{\"Authorization\":\"bearer ***\"}",
        "Dragonfly Manager default/quoting-401-basic answered 401"
            + "|Dragonfly Manager default/quoting-401-basic answered 401",
        "Dragonfly Manager default/basic answered 401|Dragonfly Manager default/basic answered 401",
        "bearer of news|bearer of news"
      })
  void credentials_are_hidden_and_names_are_not(String said, String shown) {
    assertThat(ManagerMessages.withoutCredentials(said)).isEqualTo(shown);
  }
}
