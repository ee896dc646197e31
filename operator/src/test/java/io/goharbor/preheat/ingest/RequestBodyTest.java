package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.ingest.RequestBody.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
  private static final int LONGEST = 100_000;

  private final ByteBudget budget = new ByteBudget(250_000);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8191, 8192, 8193, 65_536, LONGEST})
  void a_body_is_read_as_it_was_sent(int length) throws IOException {
    byte[] sent = new byte[length];
    new Random(length).nextBytes(sent);
    try (RequestBody body = new RequestBody(budget, LONGEST)) {
      assertThat(body.read(new ByteArrayInputStream(sent))).isEqualTo(Outcome.READ);
      assertThat(body.bytes()).isEqualTo(sent);
      assertThat(budget.taken()).isBetween((long) length, 2L * length + 8192);
    }
    assertThat(budget.taken()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"100001", "5000000"})
  void one_that_is_too_long_is_not_kept(int length) throws IOException {
    try (RequestBody body = new RequestBody(budget, LONGEST)) {
      assertThat(body.read(new ByteArrayInputStream(new byte[length]))).isEqualTo(Outcome.TOO_LONG);
      assertThat(budget.taken()).isLessThanOrEqualTo(LONGEST + 1L);
    }
    assertThat(budget.taken()).isZero();
  }

  @Test
  void while_others_have_the_memory_there_is_no_room() throws IOException {
    try (RequestBody one = new RequestBody(budget, LONGEST);
        RequestBody two = new RequestBody(budget, LONGEST)) {
      assertThat(one.read(new ByteArrayInputStream(new byte[LONGEST]))).isEqualTo(Outcome.READ);
      assertThat(two.read(new ByteArrayInputStream(new byte[LONGEST]))).isEqualTo(Outcome.NO_ROOM);
      assertThat(budget.taken()).isLessThanOrEqualTo(250_000);
    }
    assertThat(budget.taken()).isZero();
  }
}
