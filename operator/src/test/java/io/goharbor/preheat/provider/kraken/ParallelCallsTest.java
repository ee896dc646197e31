package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.http.RemoteCallException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelCallsTest {
  @Test
  void makesCallsAtOnceButNeverMoreThanItHasPlaces() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ParallelCalls calls = new ParallelCalls(3);
    List<Integer> keys = IntStream.range(0, 24).boxed().toList();

    Map<Integer, Integer> doubled =
        calls.each(
            keys,
            key -> {
              try {
                return calls.one(() -> {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  rest();
                  now.decrementAndGet();
                  return key * 2;
                });
              } catch (RemoteCallException e) {
                throw new AssertionError(e);
              }
            });

    assertThat(most.get()).isEqualTo(3);
    assertThat(doubled).hasSize(24).containsEntry(7, 14);
    assertThat(doubled.keySet()).containsExactlyElementsOf(keys);
  }

  private static void rest() {
    try {
      Thread.sleep(Duration.ofMillis(5));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
