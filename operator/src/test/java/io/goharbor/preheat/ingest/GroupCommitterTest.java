package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.ingest.MemoryStore.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupCommitterTest {
  private final PreheatPolicy policy = Samples.policy("shop", null);
  private final MemoryStore store = new MemoryStore();
  private final GroupCommitter committer = new GroupCommitter(store);

  @AfterEach
  void stop() {
    store.gate.countDown();
    committer.close();
  }

  @Test
  void an_execution_carries_what_others_look_for() {
    String name = committer.commit(List.of(wish(policy, 1))).join().getFirst();
    PreheatExecution execution = store.stored.values().iterator().next();
    assertThat(name).isEqualTo("team/" + execution.getMetadata().getName());
    assertThat(execution.getMetadata().getName()).matches("shop-[0-9a-f]{12}");
    assertThat(execution.getMetadata().getLabels())
        .containsEntry("preheat.goharbor.io/policy", "shop")
        .containsEntry("preheat.goharbor.io/trigger", "event");
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
  void events_at_the_same_time_share_objects_and_none_is_left_out_or_doubled() {
    List<CompletableFuture<List<String>>> all =
        IntStream.range(0, 1000).mapToObj(i -> committer.commit(List.of(wish(policy, i)))).toList();
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
        committer.commit(List.of(wish(policy, 1), wish(Samples.policy("other", null), 1))).join();
    assertThat(names).hasSize(2);
    assertThat(store.stored).hasSize(2);
  }

  @Test
  void one_event_with_many_artifacts_is_more_than_one_object() {
    List<Wish> wishes = IntStream.range(0, 450).mapToObj(i -> wish(policy, i)).toList();
    assertThat(committer.commit(wishes).join()).hasSize(3);
    assertThat(store.stored.values())
        .allSatisfy(execution ->
            assertThat(MemoryStore.artifacts(execution)).hasSizeLessThanOrEqualTo(200));
    assertThat(store.tags()).hasSize(450);
  }

  @Test
  void a_redelivery_makes_no_second_object_however_it_is_grouped() {
    List<String> first = committer.commit(List.of(wish(policy, 1), wish(policy, 2))).join();
    List<String> again = committer.commit(List.of(wish(policy, 2), wish(policy, 3))).join();
    assertThat(again).contains(first.getFirst()).hasSize(2);
    assertThat(store.tags()).containsExactly("t1", "t2", "t3");
    assertThat(store.stored).hasSize(2);
  }

  @Test
  void a_policy_that_is_made_anew_gets_its_own_execution() {
    committer.commit(List.of(wish(policy, 1))).join();
    PreheatPolicy anew = Samples.policy("shop", null);
    anew.getMetadata().setUid("uid-anew");
    committer.commit(List.of(wish(anew, 1))).join();
    assertThat(store.stored).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"DOWN", "ANSWER_LOST"})
  void what_failed_is_stored_by_its_redelivery_as_the_same_object(Fault fault) {
    store.fault = fault;
    CompletableFuture<List<String>> first =
        committer.commit(List.of(wish(policy, 1), wish(policy, 2)));
    await().atMost(Duration.ofSeconds(2)).until(first::isDone);
    assertThat(first).isCompletedExceptionally();
    store.fault = Fault.NONE;
    assertThat(committer.commit(List.of(wish(policy, 2))).join()).hasSize(1);
    assertThat(store.stored).hasSize(1);
    assertThat(store.tags()).containsExactly("t1", "t2");
  }

  @Test
  void one_that_is_refused_does_not_take_its_neighbours_with_it() {
    store.refusedTag = "t1";
    CompletableFuture<List<String>> bad = committer.commit(List.of(wish(policy, 1)));
    CompletableFuture<List<String>> good = committer.commit(List.of(wish(policy, 2)));
    CompletableFuture<List<String>> fine = committer.commit(List.of(wish(policy, 3)));
    assertThat(good.join()).hasSize(1);
    assertThat(fine.join()).hasSize(1);
    await().atMost(Duration.ofSeconds(2)).until(bad::isDone);
    assertThat(bad).isCompletedExceptionally();
    assertThat(store.tags()).containsExactly("t2", "t3");
  }

  @Test
  void when_too_much_waits_the_next_is_told_at_once_and_nothing_that_was_taken_is_lost() {
    store.gate = new CountDownLatch(1);
    List<CompletableFuture<List<String>>> taken = new ArrayList<>();
    CompletableFuture<List<String>> last;
    int number = 0;
    do {
      last = committer.commit(List.of(wish(policy, number++)));
      taken.add(last);
      // Sixteen groups may be under way, and as many events wait as the queue holds.
      assertThat(number).isLessThan(4096 + 18 * Batch.MAX_ARTIFACTS);
    } while (!last.isCompletedExceptionally());
    store.gate.countDown();
    taken.removeLast();
    taken.forEach(CompletableFuture::join);
    assertThat(store.tags()).hasSize(number - 1);
  }

  @Test
  void an_event_that_cannot_be_stored_in_time_is_given_up_before_harbor_hangs_up() {
    store.gate = new CountDownLatch(1);
    CompletableFuture<List<String>> stuck = committer.commit(List.of(wish(policy, 1)));
    await()
        .between(Duration.ofMillis(2000), Duration.ofMillis(2900))
        .pollInterval(Duration.ofMillis(20))
        .until(stuck::isDone);
    assertThat(stuck).isCompletedExceptionally();
    store.gate.countDown();
    assertThat(committer.commit(List.of(wish(policy, 1))).join()).hasSize(1);
    assertThat(store.creates).hasValue(1);
  }

  @Test
  void closing_stores_what_was_taken_and_takes_no_more() {
    List<CompletableFuture<List<String>>> all =
        IntStream.range(0, 300).mapToObj(i -> committer.commit(List.of(wish(policy, i)))).toList();
    committer.close();
    assertThat(all).allSatisfy(one -> assertThat(one).isCompleted());
    assertThat(store.tags()).hasSize(300);
    assertThat(committer.commit(List.of(wish(policy, 1)))).isCompletedExceptionally();
  }

  private static Wish wish(PreheatPolicy policy, int number) {
    return new Wish(
        policy,
        "PUSH_ARTIFACT 17 shop/app:t" + number,
        new ArtifactRef("shop/app", "t" + number, Samples.digest(number)));
  }
}
