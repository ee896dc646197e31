package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.ingest.DedupCache.Known;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DedupCacheTest {
  private static final int ROUNDS = 300;

  private final PreheatPolicy policy = Samples.policy("shop", null);
  private final DedupCache memory = new DedupCache(InstantSource.system(), 100 << 20);

  /** The create whose answer was lost shows up as stored just when an event of it comes again. */
  @Test
  void a_batch_that_turns_out_to_be_stored_is_tried_again_as_a_whole_or_not_at_all()
      throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    List<Integer> sizes = new ArrayList<>();
    try (ExecutorService watch = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < ROUNDS; round++) {
        EventBatch batch = failed(round);
        PreheatExecution stored = execution(batch);
        Future<?> told =
            watch.submit(() -> {
              together.await();
              memory.there(stored);
              return null;
            });
        together.await();
        String last = List.copyOf(batch.marks()).getLast();
        sizes.add(
            switch (memory.again(last, batch)) {
              case Known.Stored ignored -> 0;
              case Known.Open(EventBatch again) -> again.size();
            });
        told.get();
      }
    }
    assertThat(sizes).isSubsetOf(0, EventBatch.MAX_ARTIFACTS);
  }

  @Test
  void the_oldest_are_forgotten_when_there_are_too_many() {
    DedupCache small = new DedupCache(InstantSource.system(), 200_000);
    for (int i = 0; i < 1_500; i++) {
      small.stored(List.of("mark " + i), "team/run");
    }
    assertThat(IntStream.range(0, 1_500).filter(i -> small.find("mark " + i).isPresent()))
        .containsExactlyElementsOf(IntStream.range(500, 1_500).boxed().toList());
  }

  @Test
  void nothing_is_known_for_longer_than_harbor_may_send_it_again() {
    Instant[] now = {Instant.EPOCH};
    DedupCache aging = new DedupCache(() -> now[0], 1 << 20);
    aging.stored(List.of("first"), "team/run");
    now[0] = now[0].plusSeconds(400);
    aging.stored(List.of("first", "second"), "team/other");
    assertThat(aging.find("first")).contains(new Known.Stored("team/run"));
    now[0] = now[0].plusSeconds(300);
    assertThat(aging.find("first")).isEmpty();
    assertThat(aging.find("second")).contains(new Known.Stored("team/other"));
  }

  private EventBatch failed(int round) {
    EventBatch batch = new EventBatch(policy);
    for (int i = 0; i < EventBatch.MAX_ARTIFACTS; i++) {
      String key = round + "-" + i;
      batch.add(
          EventFingerprints.mark(policy, key),
          new ArtifactRef("shop/web", key, "sha256:" + i),
          null);
    }
    memory.opened(batch);
    batch.fail(new IllegalStateException("the answer is lost"));
    return batch;
  }

  private static PreheatExecution execution(EventBatch batch) {
    MemoryStore store = new MemoryStore();
    batch.store(store);
    return store.stored.values().iterator().next();
  }
}
