package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.kube.RemoteWork.State;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RemoteWorkTest {
  private final List<ObjectKey> woken = new CopyOnWriteArrayList<>();
  private final List<String> begun = new CopyOnWriteArrayList<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private final RemoteWork<String> work =
      new RemoteWork<>("look", new RemoteWork.Limits(3, 8), woken::add);

  @AfterEach
  void letGo() {
    answer.countDown();
  }

  @Test
  void a_result_wakes_its_object_and_is_given_once() {
    ObjectKey key = new ObjectKey("team", "main");
    assertThat(work.ask(key, 1, () -> "ready")).isInstanceOf(State.UnderWay.class);
    await().until(() -> woken.contains(key));
    assertThat(work.ask(key, 1, () -> "again")).isEqualTo(new State.Done<>("ready"));
    assertThat(work.ask(key, 1, () -> "again")).isInstanceOf(State.UnderWay.class);
  }

  @Test
  void a_result_of_another_input_is_made_anew() {
    ObjectKey key = new ObjectKey("team", "main");
    work.ask(key, 1, () -> "old");
    await().until(() -> woken.contains(key));
    assertThat(work.ask(key, 2, () -> "new")).isInstanceOf(State.UnderWay.class);
    await().until(() -> woken.size() == 2);
    assertThat(work.ask(key, 2, () -> "newer")).isEqualTo(new State.Done<>("new"));
  }

  @Test
  void a_namespace_that_waits_holds_up_no_other() {
    for (int i = 0; i < 300; i++) {
      ObjectKey key = new ObjectKey("slow", "r" + i);
      State<String> state = work.ask(key, 1, never(key));
      assertThat(state).isInstanceOf(i < 3 ? State.UnderWay.class : State.Queued.class);
    }
    ObjectKey other = new ObjectKey("team", "main");
    work.ask(other, 1, () -> "ready");
    await().until(() -> woken.contains(other));
    assertThat(begun).hasSize(3);
    assertThat(woken).containsExactly(other);
  }

  @Test
  void beyond_the_limit_of_all_the_namespace_with_the_fewest_goes_first() {
    for (String namespace : List.of("a", "b", "c")) {
      for (int i = 0; i < 3; i++) {
        ObjectKey key = new ObjectKey(namespace, "r" + i);
        work.ask(key, 1, never(key));
      }
    }
    ObjectKey late = new ObjectKey("late", "r");
    assertThat(work.ask(late, 1, never(late))).isInstanceOf(State.Queued.class);
    await().until(() -> begun.size() == 8);
    begun.clear();

    answer.countDown();

    await().until(() -> woken.size() == 10);
    assertThat(begun).containsExactlyInAnyOrder("late/r", "c/r2");
  }

  @Test
  void what_waits_is_done_in_order_and_as_it_was_last_asked_for() {
    List<String> done = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 3; i++) {
      ObjectKey key = new ObjectKey("team", "slow" + i);
      work.ask(key, 1, never(key));
    }
    for (int i = 0; i < 4; i++) {
      String name = "r" + i;
      work.ask(new ObjectKey("team", name), 1, () -> name + " old");
    }
    work.ask(
        new ObjectKey("team", "r0"),
        2,
        () -> {
          done.add("r0");
          return "r0 new";
        });
    work.forget(new ObjectKey("team", "r1"), () -> done.add("forgotten"));
    answer.countDown();
    await().until(() -> woken.size() == 6);
    assertThat(done).containsExactly("forgotten", "r0");
    assertThat(work.ask(new ObjectKey("team", "r0"), 2, () -> "x"))
        .isEqualTo(new State.Done<>("r0 new"));
    assertThat(work.ask(new ObjectKey("team", "r2"), 1, () -> "x"))
        .isEqualTo(new State.Done<>("r2 old"));
  }

  @Test
  void what_goes_wrong_is_thrown_to_whoever_asks_and_takes_no_place() {
    for (int i = 0; i < 10; i++) {
      ObjectKey key = new ObjectKey("team", "r" + i);
      work.ask(
          key,
          1,
          () -> {
            throw new IllegalStateException("no " + key);
          });
    }
    await().until(() -> woken.size() == 10);
    assertThatThrownBy(() -> work.ask(new ObjectKey("team", "r9"), 1, () -> "x"))
        .hasMessage("no team/r9");
  }

  @Test
  void an_object_that_goes_is_cleaned_up_after_its_work() {
    ObjectKey key = new ObjectKey("team", "main");
    AtomicBoolean closed = new AtomicBoolean();
    work.ask(key, 1, never(key));
    work.forget(key, () -> closed.set(true));
    assertThat(work.underWay(key)).isTrue();
    assertThat(closed).isFalse();

    answer.countDown();

    await().until(() -> woken.contains(key));
    assertThat(closed).isTrue();
    assertThat(work.ask(key, 1, () -> "new object")).isInstanceOf(State.UnderWay.class);
  }

  private Supplier<String> never(ObjectKey key) {
    return () -> {
      begun.add(key.toString());
      try {
        answer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return "late";
    };
  }
}
