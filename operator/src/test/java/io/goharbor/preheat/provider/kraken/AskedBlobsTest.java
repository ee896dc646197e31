package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AskedBlobsTest {
  private static final String REGISTRY = "https://h.example.com";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final AskedBlobs asked = new AskedBlobs(now::get);

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }

  @Test
  void oneImageAsksForABlobThatSeveralHave() {
    assertThat(asked.claim("base", REGISTRY, "a")).isTrue();
    assertThat(asked.claim("base", REGISTRY, "b")).isFalse();
    assertThat(asked.claim("other", REGISTRY, "b")).isTrue();
  }

  @Test
  void theJobThatAskedIsTheOneThatAsksAgain() {
    asked.claim("base", REGISTRY, "a");

    assertThat(asked.mayAskAgain("base", Map.of("b", REGISTRY))).isFalse();
    Map<String, String> both = new LinkedHashMap<>();
    both.put("b", REGISTRY);
    both.put("a", REGISTRY);
    assertThat(asked.mayAskAgain("base", both)).isTrue();
    assertThat(asked.mayAskAgain("base", Map.of("b", REGISTRY))).as("now it is up to b").isTrue();
  }

  @Test
  void aJobOfAnotherRegistryAsksForItselfUntilItIsHeld() {
    asked.claim("base", REGISTRY, "a");

    String other = "https://evil.example.com";
    assertThat(asked.claim("base", other, "e")).isTrue();
    assertThat(asked.mayAskAgain("base", Map.of("e", other))).isTrue();
    assertThat(asked.mayAskAgain("base", Map.of("a", REGISTRY))).isTrue();
    asked.held("base", other, "e");
    assertThat(asked.claim("base", REGISTRY, "c")).as("what is held is held").isFalse();
  }

  @Test
  void anotherJobTakesOverFromOneThatFellSilent() {
    asked.claim("base", REGISTRY, "a");
    pass(Duration.ofSeconds(9));
    assertThat(asked.mayAskAgain("base", Map.of("b", REGISTRY))).isFalse();

    pass(Duration.ofSeconds(1));
    assertThat(asked.mayAskAgain("base", Map.of("b", REGISTRY))).isTrue();
  }

  @Test
  void aBlobThatWasHeldIsNotAskedForButForAWhileOnly() {
    asked.held("base", REGISTRY, "a");

    assertThat(asked.claim("base", REGISTRY, "b")).isFalse();
    pass(Duration.ofSeconds(30));
    assertThat(asked.claim("base", REGISTRY, "b")).isTrue();
  }

  @Test
  void aBlobThatWasHeldAndIsGoneIsAskedForAtOnce() {
    asked.held("base", REGISTRY, "a");

    assertThat(asked.mayAskAgain("base", Map.of("b", REGISTRY))).isTrue();
  }

  @Test
  void aJobThatEndsLeavesWhatItAskedForToOthersAndWhatIsHeldStays() {
    asked.claim("wanted", REGISTRY, "a");
    asked.claim("theirs", REGISTRY, "b");
    asked.held("held", REGISTRY, "a");
    List.of("wanted", "theirs", "held").forEach(digest -> asked.leave(digest, "a"));

    assertThat(asked.claim("wanted", REGISTRY, "c")).isTrue();
    assertThat(asked.claim("theirs", REGISTRY, "c")).isFalse();
    assertThat(asked.claim("held", REGISTRY, "c")).isFalse();
  }

  @Test
  void whatIsForgottenIsAskedFor() {
    asked.held("base", REGISTRY, "a");
    asked.forget("base");

    assertThat(asked.claim("base", REGISTRY, "b")).isTrue();
  }
}
