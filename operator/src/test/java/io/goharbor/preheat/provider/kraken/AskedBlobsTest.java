package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AskedBlobsTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final AskedBlobs asked = new AskedBlobs(now::get);

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }

  @Test
  void oneImageAsksForABlobThatSeveralHave() {
    assertThat(asked.claim("base", "a")).isTrue();
    assertThat(asked.claim("base", "b")).isFalse();
    assertThat(asked.claim("other", "b")).isTrue();
  }

  @Test
  void theJobThatAskedIsTheOneThatAsksAgain() {
    asked.claim("base", "a");

    assertThat(asked.mayAskAgain("base", List.of("b"))).isFalse();
    assertThat(asked.mayAskAgain("base", List.of("b", "a"))).isTrue();
    assertThat(asked.mayAskAgain("base", List.of("b"))).as("now it is up to b").isTrue();
  }

  @Test
  void anotherJobTakesOverFromOneThatFellSilent() {
    asked.claim("base", "a");
    pass(Duration.ofSeconds(9));
    assertThat(asked.mayAskAgain("base", List.of("b"))).isFalse();

    pass(Duration.ofSeconds(1));
    assertThat(asked.mayAskAgain("base", List.of("b"))).isTrue();
  }

  @Test
  void aBlobThatWasHeldIsNotAskedForButForAWhileOnly() {
    asked.held("base", "a");

    assertThat(asked.claim("base", "b")).isFalse();
    pass(Duration.ofSeconds(30));
    assertThat(asked.claim("base", "b")).isTrue();
  }

  @Test
  void aBlobThatWasHeldAndIsGoneIsAskedForAtOnce() {
    asked.held("base", "a");

    assertThat(asked.mayAskAgain("base", List.of("b"))).isTrue();
  }

  @Test
  void aJobThatEndsLeavesWhatItAskedForToOthersAndWhatIsHeldStays() {
    asked.claim("wanted", "a");
    asked.claim("theirs", "b");
    asked.held("held", "a");
    List.of("wanted", "theirs", "held").forEach(digest -> asked.leave(digest, "a"));

    assertThat(asked.claim("wanted", "c")).isTrue();
    assertThat(asked.claim("theirs", "c")).isFalse();
    assertThat(asked.claim("held", "c")).isFalse();
  }

  @Test
  void whatIsForgottenIsAskedFor() {
    asked.held("base", "a");
    asked.forget("base");

    assertThat(asked.claim("base", "b")).isTrue();
  }
}
