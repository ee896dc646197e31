package io.goharbor.preheat.engine;

import static io.goharbor.preheat.engine.TestTasks.work;
import static io.goharbor.preheat.engine.TestTasks.works;
import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who gets the slots of a provider, by what executions state. */
class ProviderQueueTest {
  private static final ObjectKey PROVIDER = new ObjectKey("team", "eu");
  private static final ObjectKey RUN = new ObjectKey("team", "run");
  private static final ObjectKey OTHER = new ObjectKey("team", "other");

  private final TestTasks tasks = new TestTasks();
  private final ProviderHealth health = new ProviderHealth("eu", tasks);
  private final ProviderQueue queue =
      new ProviderQueue(PROVIDER, health, tasks, () -> tasks.inFlight(PROVIDER));
  private final Map<ObjectKey, Integer> priorities = new HashMap<>();
  private Instant planned = TestTasks.BEGIN;
  private Set<ObjectKey> woken = Set.of();

  @BeforeEach
  void open() {
    queue.use(spec(4, null));
    health.probed(new Health.Usable(null, EnumSet.allOf(Capability.class)));
  }

  @Test
  void no_more_slots_than_the_limit() {
    List<Work> six = works(RUN, "t", 6);
    List<Admission> answers = state(RUN, six, List.of());
    assertThat(granted(answers)).isEqualTo(4);
    assertThat(answers.getLast())
        .isEqualTo(
            new Admission.Wait(
                Reason.WAITING_FOR_SLOT, "provider team/eu has no free slot for it yet"));
    assertThat(queue.running()).isEqualTo(4);
    assertThat(queue.queued()).isEqualTo(2);

    assertThat(granted(state(RUN, six.subList(4, 6), six.subList(1, 4)))).isEqualTo(1);
  }

  @Test
  void after_trouble_few_start_at_once_and_long_jobs_keep_nobody_waiting() {
    List<Work> running = works(RUN, "t", 2);
    state(RUN, running, List.of());
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "away", false));
    health.probed(new Health.Usable(null, EnumSet.allOf(Capability.class)));
    queue.use(spec(8, null));

    List<Work> waiting = works(OTHER, "o", 6);
    state(RUN, List.of(), running);
    assertThat(granted(state(OTHER, waiting, List.of()))).as("two are starting already").isZero();
    assertThat(queue.state().slots()).isEqualTo(2);

    started(RUN, running);
    assertThat(woken).containsExactly(OTHER);
    assertThat(granted(state(OTHER, waiting, List.of()))).isEqualTo(2);
    assertThat(queue.state().slots()).isEqualTo(4);
  }

  @Test
  void what_is_not_stated_any_more_has_no_slot() {
    state(RUN, works(RUN, "t", 6), List.of());
    state(RUN, List.of(), List.of());
    assertThat(queue.running()).isZero();
    assertThat(queue.queued()).isZero();
    assertThat(queue.state().oldestWaiting()).isZero();
  }

  @Test
  void a_slot_whose_status_was_not_written_is_stated_anew() {
    List<Work> six = works(RUN, "t", 6);
    state(RUN, six, List.of());
    assertThat(granted(state(RUN, six, List.of()))).isEqualTo(4);
    assertThat(queue.running()).isEqualTo(4);
  }

  @Test
  void one_that_is_suspended_leaves_its_turn_whatever_its_priority() {
    List<Work> first = works(RUN, "t", 6);
    priorities.put(RUN, 1000);
    state(RUN, first, List.of());
    state(OTHER, works(OTHER, "o", 1), List.of());

    // Suspended with two that are still at work.
    state(RUN, List.of(), first.subList(0, 2));

    assertThat(woken).containsExactly(OTHER);
    assertThat(granted(state(OTHER, works(OTHER, "o", 1), List.of()))).isOne();
  }

  @Test
  void a_free_slot_wakes_as_many_as_can_use_it() {
    List<Work> four = works(RUN, "t", 4);
    state(RUN, four, List.of());
    for (int i = 0; i < 100; i++) {
      state(waiting(i), works(waiting(i), "w", 1), List.of());
    }
    assertThat(queue.waiting()).isEqualTo(100);

    state(RUN, List.of(), four.subList(1, 4));
    assertThat(woken).containsExactly(waiting(0));
    state(RUN, List.of(), four.subList(2, 4));
    assertThat(woken).as("each once").containsExactly(waiting(1));

    // One that wants nothing any more leaves the slot to the next.
    state(waiting(0), List.of(), List.of());
    assertThat(woken).containsExactly(waiting(2));
    assertThat(granted(state(waiting(1), works(waiting(1), "w", 1), List.of()))).isOne();
  }

  @Test
  void one_that_is_woken_and_does_not_come_is_passed_over() {
    List<Work> four = works(RUN, "t", 4);
    state(RUN, four, List.of());
    state(waiting(0), works(waiting(0), "w", 1), List.of());
    state(waiting(1), works(waiting(1), "w", 1), List.of());
    state(RUN, List.of(), four.subList(1, 4));
    assertThat(woken).containsExactly(waiting(0));

    tasks.later(WaitQueue.PATIENCE);

    assertThat(queue.next(tasks.instant())).containsExactly(waiting(1));
    assertThat(granted(state(waiting(1), works(waiting(1), "w", 1), List.of()))).isOne();
  }

  @Test
  void one_that_does_not_come_holds_up_no_other_that_does() {
    List<Work> four = works(RUN, "t", 4);
    state(RUN, four, List.of());
    state(waiting(0), works(waiting(0), "w0", 1), List.of());
    state(waiting(1), works(waiting(1), "w1", 1), List.of());
    state(RUN, List.of(), four.subList(1, 4));
    assertThat(granted(state(waiting(1), works(waiting(1), "w1", 1), List.of())))
        .as("the turn of the first")
        .isZero();

    tasks.later(WaitQueue.PATIENCE);

    assertThat(granted(state(waiting(1), works(waiting(1), "w1", 1), List.of()))).isOne();
    assertThat(queue.waiting()).isZero();
    state(waiting(0), works(waiting(0), "w0", 1), List.of());
    assertThat(queue.waiting()).as("it may come later").isOne();
  }

  @Test
  void one_that_states_itself_while_the_provider_comes_back_is_woken() {
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "gone", false));
    List<Work> one = works(RUN, "t", 1);
    List<Work> wantedMeanwhile =
        new AbstractList<>() {
          @Override
          public Work get(int index) {
            health.probed(new Health.Usable(null, Set.of()));
            return one.get(index);
          }

          @Override
          public int size() {
            return one.size();
          }
        };
    assertThat(reason(state(RUN, wantedMeanwhile, List.of())))
        .isEqualTo(Reason.WAITING_FOR_PROVIDER);
    assertThat(woken).containsExactly(RUN);
  }

  @Test
  void a_limit_that_is_raised_wakes_those_who_wait() {
    state(RUN, works(RUN, "t", 6), List.of());
    queue.use(spec(8, null));
    assertThat(queue.next(tasks.instant())).containsExactly(RUN);
  }

  @Test
  void a_suspended_provider_admits_nothing_until_it_goes_on() {
    queue.use(suspended());
    assertThat(reason(state(RUN, works(RUN, "t", 1), List.of())))
        .isEqualTo(Reason.PROVIDER_SUSPENDED);
    assertThat(queue.next(tasks.instant())).isEmpty();
    assertThat(queue.state().suspended()).isTrue();

    queue.use(spec(4, null));
    assertThat(queue.next(tasks.instant())).containsExactly(RUN);
  }

  @Test
  void a_provider_that_was_never_used_admits_nothing() {
    ProviderQueue unused = new ProviderQueue(PROVIDER, health, tasks, () -> Stream.of());
    assertThat(unused.held())
        .contains(
            new Admission.Wait(Reason.WAITING_FOR_PROVIDER, "provider team/eu was not probed yet"));
    assertThat(unused.state().usable()).isFalse();
  }

  @Test
  void one_that_waits_for_the_work_of_another_is_woken_when_that_ends() {
    List<Work> one = works(RUN, "t", 1);
    state(RUN, one, List.of());
    Work same = work(OTHER, "same", 0, one.getFirst().dedupKey(), TestTasks.BEGIN);
    assertThat(reason(state(OTHER, List.of(same), List.of()))).isEqualTo(Reason.ALREADY_RUNNING);
    assertThat(queue.queued()).as("it wants no slot").isZero();

    state(RUN, List.of(), List.of());

    assertThat(woken).containsExactly(OTHER);
    assertThat(granted(state(OTHER, List.of(same), List.of()))).isOne();
  }

  @Test
  void equal_work_of_one_execution_is_one_job() {
    Work one = works(RUN, "t", 1).getFirst();
    Work same = work(RUN, "same", 0, one.dedupKey(), TestTasks.BEGIN);
    assertThat(granted(state(RUN, List.of(one, same), List.of()))).isOne();
  }

  @Test
  void what_was_done_meanwhile_need_not_be_done_again() {
    Work one = works(RUN, "t", 1).getFirst();
    tasks.later(Duration.ofSeconds(1));
    queue.finished(one.dedupKey(), ScriptedDriver.WARM);
    assertThat(state(RUN, List.of(one), List.of()))
        .containsExactly(new Admission.AlreadyDone(ScriptedDriver.WARM));

    planned = tasks.instant().plusSeconds(1);
    assertThat(granted(state(OTHER, List.of(one), List.of())))
        .as("planned after that: it may be gone by now")
        .isOne();
  }

  @Test
  void after_an_eviction_it_is_done_again() {
    Work one = works(RUN, "t", 1).getFirst();
    tasks.later(Duration.ofSeconds(1));
    queue.finished(one.dedupKey(), ScriptedDriver.WARM);
    queue.evicting();
    assertThat(granted(state(RUN, List.of(one), List.of()))).isOne();
  }

  @Test
  void the_same_digest_from_another_registry_is_work_of_its_own() {
    ObjectKey hostile = new ObjectKey("hostile", "run");
    state(RUN, works(RUN, "t", 1), List.of());
    assertThat(state(hostile, works(hostile, "t", 1), List.of()))
        .as("it learns neither that it was done nor that it is being done")
        .containsExactly(new Admission.Granted());
  }

  @Test
  void no_priority_of_another_namespace_keeps_others_waiting() {
    ObjectKey hostile = new ObjectKey("hostile", "run");
    ObjectKey victim = new ObjectKey("victim", "run");
    priorities.put(hostile, 1000);
    queue.use(spec(8, new AllowedNamespaces(AllowedNamespaces.From.ALL, null)));
    List<Work> greedy = works(hostile, "h", 40);
    state(hostile, greedy, List.of());
    List<Work> wanted = works(victim, "v", 8);
    assertThat(granted(state(victim, wanted, List.of()))).as("left free").isEqualTo(2);

    List<Admission> answers = state(hostile, greedy.subList(6, 40), greedy.subList(1, 6));

    assertThat(granted(answers)).isZero();
    assertThat(((Admission.Wait) answers.getFirst()).message())
        .contains("its priority 1000 counts as 0");
    assertThat(granted(state(victim, wanted.subList(2, 8), wanted.subList(0, 2)))).isOne();
  }

  @Test
  void a_ceiling_that_is_raised_counts_for_those_who_wait_already() {
    ObjectKey first = new ObjectKey("first", "run");
    ObjectKey second = new ObjectKey("second", "run");
    priorities.put(second, 1000);
    queue.use(spec(1, new AllowedNamespaces(AllowedNamespaces.From.ALL, null)));
    state(RUN, works(RUN, "t", 1), List.of());
    state(first, works(first, "f", 1), List.of());
    state(second, works(second, "s", 1), List.of());
    queue.use(
        spec(
            1,
            new AllowedNamespaces(
                AllowedNamespaces.From.ALL,
                null,
                null,
                null,
                List.of(new AllowedNamespaces.Grant(List.of("second"), 1, null)))));

    state(RUN, List.of(), List.of());

    assertThat(woken).containsExactly(second);
  }

  @Test
  void what_is_stored_in_flight_counts_until_its_execution_states_itself() {
    Work before = works(RUN, "before", 1, 1).getFirst();
    tasks.stored = List.of(before);
    Work same = work(OTHER, "same", 0, before.dedupKey(), TestTasks.BEGIN);
    assertThat(reason(state(OTHER, List.of(same), List.of()))).isEqualTo(Reason.ALREADY_RUNNING);
    assertThat(granted(state(OTHER, works(OTHER, "o", 4), List.of())))
        .as("its slot is kept")
        .isEqualTo(3);

    state(RUN, List.of(), List.of(before));
    assertThat(queue.running()).isEqualTo(4);
    state(RUN, List.of(), List.of());
    assertThat(granted(state(OTHER, List.of(same), List.of()))).isOne();
  }

  @Test
  void what_was_stored_in_flight_and_ended_unseen_keeps_no_one_waiting() {
    Work before = works(RUN, "before", 1, 1).getFirst();
    tasks.stored = List.of(before);
    Work same = work(OTHER, "same", 0, before.dedupKey(), TestTasks.BEGIN);
    state(OTHER, List.of(same), List.of());
    tasks.stored = List.of();

    tasks.later(Duration.ofSeconds(5));

    assertThat(granted(state(OTHER, List.of(same), List.of()))).isOne();
  }

  @Test
  void one_that_waits_for_stored_work_is_woken_when_its_execution_does_not_state_it() {
    Work before = works(RUN, "before", 1, 1).getFirst();
    tasks.stored = List.of(before);
    Work same = work(OTHER, "same", 0, before.dedupKey(), TestTasks.BEGIN);
    state(OTHER, List.of(same), List.of());

    state(RUN, List.of(), List.of());

    assertThat(woken).containsExactly(OTHER);
  }

  @Test
  void those_who_wait_for_what_is_stored_no_more_are_woken() {
    Work before = works(RUN, "before", 1, 1).getFirst();
    tasks.stored = List.of(before);
    queue.use(spec(1, null));
    Work same = work(OTHER, "same", 0, before.dedupKey(), TestTasks.BEGIN);
    state(OTHER, List.of(same), List.of());
    assertThat(reason(state(waiting(0), works(waiting(0), "w", 1), List.of())))
        .isEqualTo(Reason.WAITING_FOR_SLOT);
    tasks.stored = List.of();
    assertThat(queue.next(tasks.instant())).as("not read again yet").isEmpty();

    tasks.later(Duration.ofSeconds(5));

    assertThat(queue.next(tasks.instant())).containsExactlyInAnyOrder(OTHER, waiting(0));
  }

  @Test
  void stored_work_counts_until_none_of_those_who_have_it_does() {
    Work before = works(RUN, "before", 1, 1).getFirst();
    Work twin = work(waiting(0), "twin", 1, before.dedupKey(), TestTasks.BEGIN);
    tasks.stored = List.of(before, twin);
    Work same = work(OTHER, "same", 0, before.dedupKey(), TestTasks.BEGIN);
    state(OTHER, List.of(same), List.of());

    state(RUN, List.of(), List.of());
    assertThat(woken).as("the twin is still at work").isEmpty();
    assertThat(reason(state(OTHER, List.of(same), List.of()))).isEqualTo(Reason.ALREADY_RUNNING);

    state(waiting(0), List.of(), List.of());
    assertThat(woken).containsExactly(OTHER);
  }

  @Test
  void only_so_many_tasks_are_sent_again_within_a_minute() {
    for (int count : new int[] {4, 4, 2}) {
      assertThat(granted(state(RUN, works(RUN, "again" + count, count, 1), List.of())))
          .isEqualTo(count);
      state(RUN, List.of(), List.of());
    }
    List<Admission> answers = state(RUN, works(RUN, "more", 2, 1), List.of());
    assertThat(granted(answers)).isZero();
    assertThat(reason(answers)).isEqualTo(Reason.WAITING_FOR_RETRY);
    assertThat(granted(state(RUN, works(RUN, "first", 2), List.of())))
        .as("what was never sent is not held up")
        .isEqualTo(2);
  }

  @Test
  void its_state_tells_what_waits_and_for_how_long() {
    assertThat(queue.state()).isEqualTo(new QueueState(true, false, false, 4, 0, 0, Duration.ZERO));
    state(RUN, works(RUN, "t", 6), List.of());
    tasks.later(Duration.ofSeconds(7));
    assertThat(queue.state())
        .isEqualTo(new QueueState(true, false, false, 4, 4, 2, Duration.ofSeconds(7)));
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "gone", false));
    assertThat(queue.state().usable()).isFalse();
  }

  @Test
  void a_provider_in_trouble_admits_nothing_and_says_since_when() {
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "connection refused", false));
    Admission.Wait wait = (Admission.Wait) state(RUN, works(RUN, "t", 1), List.of()).getFirst();
    assertThat(wait.reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER);
    assertThat(wait.message())
        .isEqualTo("provider team/eu unreachable since 2026-11-20T12:00:00Z: connection refused");

    health.probed(new Health.Usable(null, Set.of()));
    assertThat(queue.next(tasks.instant())).containsExactly(RUN);
    assertThat(granted(state(RUN, works(RUN, "t", 1), List.of()))).isOne();
  }

  private List<Admission> state(ObjectKey execution, List<Work> wanted, List<Work> inFlight) {
    return sync(execution, wanted, inFlight, null);
  }

  private void started(ObjectKey execution, List<Work> inFlight) {
    sync(execution, List.of(), inFlight, "job");
  }

  private List<Admission> sync(
      ObjectKey execution, List<Work> wanted, List<Work> inFlight, @Nullable String job) {
    ProviderQueue.Synced synced =
        queue.sync(
            new Demand(
                execution,
                new ObjectKey(execution.namespace(), "policy"),
                priorities.getOrDefault(execution, 0),
                planned,
                wanted,
                inFlight.stream().map(work -> new Work.InFlight(work, job)).toList()));
    woken = synced.toWake();
    return new ArrayList<>(synced.admissions());
  }

  private static ObjectKey waiting(int number) {
    return new ObjectKey("team", "waiting-" + number);
  }

  private static long granted(List<Admission> answers) {
    return answers.stream().filter(answer -> answer instanceof Admission.Granted).count();
  }

  private static Reason reason(List<Admission> answers) {
    return ((Admission.Wait) answers.getFirst()).reason();
  }

  private static P2PProviderSpec suspended() {
    return P2PProviderSpecBuilder.builder().type(P2PProviderSpec.Type.KRAKEN).suspend(true).build();
  }

  private static P2PProviderSpec spec(int slots, @Nullable AllowedNamespaces allowed) {
    return P2PProviderSpecBuilder.builder()
        .type(P2PProviderSpec.Type.KRAKEN)
        .limits(new P2PProviderSpec.Limits(slots, null))
        .allowedNamespaces(allowed)
        .build();
  }
}
