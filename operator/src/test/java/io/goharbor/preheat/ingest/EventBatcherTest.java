package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.ingest.ExecutionStore.RefusedException;
import io.goharbor.preheat.ingest.MemoryStore.Fault;
import io.goharbor.preheat.plan.EventTime;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventBatcherTest {
  private static final List<Fault> FAULTS = List.of(Fault.values());

  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private final PreheatPolicy policy = Samples.policy("shop", null);
  private final MemoryStore store = new MemoryStore();
  private final EventBatcher batcher =
      new EventBatcher(store, InstantSource.fixed(NOW), new Supervisor(_ -> {}));

  @AfterEach
  void stop() {
    store.gate.countDown();
    batcher.close();
  }

  @Test
  void an_execution_carries_what_others_look_for() {
    String name = batcher.commit(List.of(request(policy, 1))).join().getFirst();
    PreheatExecution execution = store.stored.values().iterator().next();
    assertThat(name).isEqualTo("team/" + execution.getMetadata().getName());
    assertThat(execution.getMetadata().getName()).matches("shop-[0-9a-f]{12}");
    assertThat(execution.getMetadata().getLabels())
        .containsEntry("preheat.goharbor.io/policy", "shop")
        .containsEntry("preheat.goharbor.io/trigger", "event");
    assertThat(EventTime.of(execution)).contains(NOW.minusSeconds(17));
    assertThat(EventFingerprints.of(execution)).hasSize(1);
    assertThat(execution.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(owner -> {
          assertThat(owner.getUid()).isEqualTo("uid-shop");
          assertThat(owner.getController()).isNotEqualTo(true);
          assertThat(owner.getBlockOwnerDeletion()).isNotEqualTo(true);
        });
    assertThat(execution.getSpec().effectiveTrigger()).isEqualTo(Trigger.EVENT);
    assertThat(MemoryStore.artifacts(execution))
        .containsExactly(new ArtifactRef("shop/app", "t1", Samples.digest(1)));
  }

  @Test
  void a_time_that_cannot_be_is_left_out_and_its_neighbours_keep_theirs() {
    batcher
        .commit(
            List.of(
                request(policy, 1, Instant.EPOCH),
                request(policy, 2, Instant.parse("5138-11-16T09:46:39Z")),
                request(policy, 3, NOW.minusSeconds(3)),
                request(policy, 4, NOW.minusSeconds(2))))
        .join();
    assertThat(EventTime.of(store.stored.values().iterator().next())).contains(NOW.minusSeconds(3));
  }

  @Test
  void events_at_the_same_time_share_objects_and_none_is_left_out_or_doubled() {
    List<CompletableFuture<List<String>>> all =
        IntStream.range(0, 1000)
            .mapToObj(i -> batcher.commit(List.of(request(policy, i))))
            .toList();
    all.forEach(CompletableFuture::join);
    assertThat(store.tags())
        .hasSize(1000)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 1000).mapToObj(i -> "t" + i).toList());
    assertThat(store.stored).hasSizeLessThan(30);
  }

  @Test
  void an_event_for_two_policies_is_answered_when_both_executions_are_stored() {
    List<String> names =
        batcher
            .commit(List.of(request(policy, 1), request(Samples.policy("other", null), 1)))
            .join();
    assertThat(names).hasSize(2);
    assertThat(store.stored).hasSize(2);
  }

  @Test
  void one_event_with_many_artifacts_is_more_than_one_object() {
    List<PreheatRequest> requests =
        IntStream.range(0, 450).mapToObj(i -> request(policy, i)).toList();
    assertThat(batcher.commit(requests).join()).hasSize(3);
    assertThat(store.stored.values())
        .allSatisfy(execution ->
            assertThat(MemoryStore.artifacts(execution)).hasSizeLessThanOrEqualTo(200));
    assertThat(store.tags()).hasSize(450);
  }

  @Test
  void a_redelivery_makes_no_second_object_however_it_is_grouped() {
    List<String> first = batcher.commit(List.of(request(policy, 1), request(policy, 2))).join();
    List<String> again = batcher.commit(List.of(request(policy, 2), request(policy, 3))).join();
    assertThat(again).contains(first.getFirst()).hasSize(2);
    assertThat(store.tags()).containsExactly("t1", "t2", "t3");
    assertThat(store.stored).hasSize(2);
  }

  @Test
  void a_policy_that_is_made_anew_gets_its_own_execution() {
    batcher.commit(List.of(request(policy, 1))).join();
    PreheatPolicy anew = Samples.policy("shop", null);
    anew.getMetadata().setUid("uid-again");
    batcher.commit(List.of(request(anew, 1))).join();
    assertThat(store.stored).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"DOWN", "ANSWER_LOST"})
  void what_failed_is_stored_by_its_redelivery_as_the_same_object(Fault fault) {
    store.fault = fault;
    CompletableFuture<List<String>> first =
        batcher.commit(List.of(request(policy, 1), request(policy, 2)));
    await().atMost(Duration.ofSeconds(2)).until(first::isDone);
    assertThat(first).isCompletedExceptionally();
    store.fault = Fault.NONE;
    assertThat(batcher.commit(List.of(request(policy, 2))).join()).hasSize(1);
    assertThat(store.stored).hasSize(1);
    assertThat(store.tags()).containsExactly("t1", "t2");
  }

  @Test
  void one_that_is_refused_does_not_take_its_neighbours_with_it() {
    store.refusedTag = "t1";
    CompletableFuture<List<String>> bad = batcher.commit(List.of(request(policy, 1)));
    CompletableFuture<List<String>> good = batcher.commit(List.of(request(policy, 2)));
    CompletableFuture<List<String>> fine = batcher.commit(List.of(request(policy, 3)));
    assertThat(good.join()).hasSize(1);
    assertThat(fine.join()).hasSize(1);
    await().atMost(Duration.ofSeconds(2)).until(bad::isDone);
    assertThat(bad).isCompletedExceptionally();
    assertThat(store.tags()).containsExactly("t2", "t3");
  }

  @Test
  void one_that_is_refused_among_many_is_found_with_few_creates() {
    store.refusedTag = "t77";
    List<CompletableFuture<List<String>>> all = commit(0, 200);
    await().atMost(Duration.ofSeconds(2)).until(() -> all.stream().allMatch(Future::isDone));
    assertThat(all.get(77).exceptionNow()).isInstanceOf(RefusedException.class);
    assertThat(all.stream().filter(CompletableFuture::isCompletedExceptionally)).hasSize(1);
    assertThat(store.tags()).hasSize(199).doesNotHaveDuplicates().doesNotContain("t77");
    assertThat(store.creates).hasValueLessThan(40);
    // What was refused for sure may go into any other.
    store.refusedTag = null;
    batcher.commit(List.of(request(policy, 77), request(policy, 500))).join();
    assertThat(store.tags()).hasSize(201).doesNotHaveDuplicates();
  }

  @Test
  void a_quota_is_asked_once_for_a_group_and_holds_nothing_back_when_it_is_raised() {
    store.quotaUsedUp = true;
    List<PreheatRequest> requests =
        IntStream.range(0, 100).mapToObj(i -> request(policy, i)).toList();
    assertThat(batcher.commit(requests).handle((names, failure) -> failure).join())
        .isInstanceOf(RefusedException.class)
        .hasMessage("exceeded quota");
    assertThat(store.creates).hasValue(1);
    store.quotaUsedUp = false;
    batcher.commit(requests).join();
    assertThat(store.tags()).hasSize(100);
  }

  @Test
  void when_all_is_refused_the_api_is_not_asked_for_each() {
    store.allRefused = true;
    List<CompletableFuture<List<String>>> all = commit(0, 200);
    await().atMost(Duration.ofSeconds(2)).until(() -> all.stream().allMatch(Future::isDone));
    assertThat(all)
        .allSatisfy(one -> assertThat(one.exceptionNow()).isInstanceOf(RefusedException.class));
    // As many groups as the events happened to make, each with a third of its events or 16.
    assertThat(store.creates.get()).isLessThan(200);
  }

  @Test
  void an_object_of_someone_else_under_the_name_is_not_taken_for_ours() {
    batcher.commit(List.of(request(policy, 1))).join();
    String name = store.stored.keySet().iterator().next();
    PreheatExecution ours = Objects.requireNonNull(store.stored.remove(name));
    ours.getMetadata().setAnnotations(Map.of());
    store.stored.put(name, ours);
    try (EventBatcher other =
        new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}))) {
      assertThat(other.commit(List.of(request(policy, 1))).join()).doesNotContain("team/" + name);
    }
    assertThat(store.stored).hasSize(2);
  }

  @Test
  void another_replica_knows_a_redelivery_however_it_is_grouped() {
    List<String> first = batcher.commit(List.of(request(policy, 1), request(policy, 2))).join();
    try (EventBatcher other = replica()) {
      assertThat(other.commit(List.of(request(policy, 2))).join()).isEqualTo(first);
      assertThat(other.commit(List.of(request(policy, 1), request(policy, 3))).join())
          .contains(first.getFirst())
          .hasSize(2);
    }
    assertThat(store.tags()).containsExactly("t1", "t2", "t3");
  }

  @Test
  void an_execution_of_long_ago_is_not_remembered() {
    batcher.commit(List.of(request(policy, 1))).join();
    PreheatExecution old = store.stored.values().iterator().next();
    old.getMetadata().setCreationTimestamp("2020-01-01T00:00:00Z");
    try (EventBatcher other = replica()) {
      other.commit(List.of(request(policy, 1), request(policy, 2))).join();
    }
    assertThat(store.tags()).containsExactly("t1", "t1", "t2");
  }

  @Test
  void an_execution_carries_marks_of_its_events() {
    batcher.commit(List.of(request(policy, 1), request(policy, 2))).join();
    assertThat(EventFingerprints.of(store.stored.values().iterator().next()))
        .containsExactlyInAnyOrder(request(policy, 1).mark(), request(policy, 2).mark())
        .allMatch(mark -> mark.matches("[\\w-]{12}"));
    assertThat(EventFingerprints.of(new PreheatExecution())).isEmpty();
  }

  @Test
  void events_that_many_policies_want_are_one_object_for_each_policy() {
    List<PreheatPolicy> policies =
        IntStream.range(0, 20).mapToObj(i -> Samples.policy("p" + i, null)).toList();
    List<CompletableFuture<List<String>>> all =
        IntStream.range(0, 100)
            .mapToObj(i -> batcher.commit(policies.stream().map(p -> request(p, i)).toList()))
            .toList();
    all.forEach(CompletableFuture::join);
    assertThat(store.tags()).hasSize(2000);
    assertThat(store.stored).hasSizeLessThan(200);
  }

  @Test
  void what_waits_takes_a_bounded_part_of_the_heap_and_gives_it_back() {
    store.gate = new CountDownLatch(1);
    List<CompletableFuture<List<String>>> taken = new ArrayList<>();
    while (true) {
      int from = taken.size() * 2000;
      CompletableFuture<List<String>> next =
          batcher.commit(
              IntStream.range(from, from + 2000).mapToObj(i -> request(policy, i)).toList());
      if (next.isCompletedExceptionally()) {
        assertThat(next.exceptionNow()).isInstanceOf(RejectedExecutionException.class);
        break;
      }
      taken.add(next);
      assertThat(batcher.bytes()).isLessThanOrEqualTo(IngestLimits.DEFAULT.waitingMemory());
    }
    store.gate.countDown();
    taken.forEach(CompletableFuture::join);
    assertThat(batcher.bytes()).isZero();
    assertThat(store.tags()).hasSize(taken.size() * 2000);
  }

  @Test
  void an_event_that_can_never_be_held_is_refused() {
    List<PreheatRequest> much =
        IntStream.range(0, 150_000).mapToObj(i -> request(policy, i)).toList();
    assertThat(batcher.commit(much).exceptionNow()).isInstanceOf(RefusedException.class);
    assertThat(batcher.bytes()).isZero();
  }

  /**
   * Events come, are answered or not, and come again in other company, to another replica or after
   * a restart, while the store fails in all of its ways: what was acknowledged is stored, and
   * nothing is stored twice. At the same moment the replicas would not know of each other.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatever_fails_what_is_acknowledged_is_stored_and_nothing_is_twice(long seed) {
    Random random = new Random(seed);
    Set<Integer> acknowledged = new TreeSet<>();
    Set<Integer> sent = new TreeSet<>();
    EventBatcher[] replicas = {replica(), replica()};
    for (int round = 0; round < 15; round++) {
      store.fault = FAULTS.get(random.nextInt(FAULTS.size()));
      store.refusedTag = random.nextInt(3) == 0 ? "t" + random.nextInt(100) : null;
      if (random.nextInt(5) == 0) {
        replicas[0].close();
        replicas[0] = replica();
      }
      EventBatcher replica = replicas[random.nextInt(2)];
      Map<Integer, CompletableFuture<List<String>>> answers = new TreeMap<>();
      for (int i = 0; i < 20; i++) {
        int number = random.nextInt(100);
        sent.add(number);
        answers.computeIfAbsent(number, n -> replica.commit(List.of(request(policy, n))));
      }
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> answers.values().stream().allMatch(Future::isDone));
      answers.forEach((number, answer) -> {
        if (!answer.isCompletedExceptionally()) {
          acknowledged.add(number);
        }
      });
      assertThat(store.tags())
          .as("seed %d, round %d", seed, round)
          .doesNotHaveDuplicates()
          .containsAll(acknowledged.stream().map(number -> "t" + number).toList());
    }
    store.fault = Fault.NONE;
    store.refusedTag = null;
    sent.forEach(number -> replicas[1].commit(List.of(request(policy, number))).join());
    assertThat(store.tags()).hasSameSizeAs(sent).doesNotHaveDuplicates();
    replicas[0].close();
    replicas[1].close();
  }

  @Test
  void when_too_much_waits_the_next_is_told_at_once_and_nothing_that_was_taken_is_lost() {
    store.gate = new CountDownLatch(1);
    List<CompletableFuture<List<String>>> taken = new ArrayList<>();
    CompletableFuture<List<String>> last;
    int number = 0;
    do {
      last = batcher.commit(List.of(request(policy, number++)));
      taken.add(last);
      // Sixteen groups may be under way, and as many events wait as the queue holds.
      assertThat(number).isLessThan(4096 + 18 * EventBatch.MAX_ARTIFACTS);
    } while (!last.isCompletedExceptionally());
    store.gate.countDown();
    taken.removeLast();
    taken.forEach(CompletableFuture::join);
    assertThat(store.tags()).hasSize(number - 1);
  }

  @Test
  void an_event_that_cannot_be_stored_in_time_is_given_up_before_harbor_hangs_up() {
    store.gate = new CountDownLatch(1);
    CompletableFuture<List<String>> stuck = batcher.commit(List.of(request(policy, 1)));
    await()
        .between(Duration.ofMillis(2000), Duration.ofMillis(2900))
        .pollInterval(Duration.ofMillis(20))
        .until(stuck::isDone);
    assertThat(stuck).isCompletedExceptionally();
    store.gate.countDown();
    assertThat(batcher.commit(List.of(request(policy, 1))).join()).hasSize(1);
    assertThat(store.creates).hasValue(1);
  }

  @Test
  void closing_stores_what_was_taken_and_takes_no_more() {
    List<CompletableFuture<List<String>>> all =
        IntStream.range(0, 300).mapToObj(i -> batcher.commit(List.of(request(policy, i)))).toList();
    batcher.close();
    assertThat(all).allSatisfy(one -> assertThat(one).isCompleted());
    assertThat(store.tags()).hasSize(300);
    assertThat(batcher.commit(List.of(request(policy, 1)))).isCompletedExceptionally();
  }

  /** One that sees what is stored. */
  private EventBatcher replica() {
    EventBatcher replica = new EventBatcher(store, InstantSource.system(), new Supervisor(_ -> {}));
    store.show(replica::there);
    return replica;
  }

  private List<CompletableFuture<List<String>>> commit(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> batcher.commit(List.of(request(policy, i))))
        .toList();
  }

  private static PreheatRequest request(PreheatPolicy policy, int number) {
    return request(policy, number, NOW.minusSeconds(17));
  }

  private static PreheatRequest request(PreheatPolicy policy, int number, Instant occurred) {
    return new PreheatRequest(
        policy,
        "PUSH_ARTIFACT 17 shop/app:t" + number,
        new ArtifactRef("shop/app", "t" + number, Samples.digest(number)),
        occurred);
  }
}
