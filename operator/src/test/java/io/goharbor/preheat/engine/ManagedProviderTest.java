package io.goharbor.preheat.engine;

import static io.goharbor.preheat.engine.TestTasks.work;
import static io.goharbor.preheat.engine.TestTasks.works;
import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The queue, the operations, the polls and the health of a provider together. */
class ManagedProviderTest {
  private static final ObjectKey PROVIDER = new ObjectKey("team", "eu");
  private static final ObjectKey RUN = new ObjectKey("team", "run");
  private static final ObjectKey OTHER = new ObjectKey("team", "other");

  private final TestTasks tasks = new TestTasks();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final Deque<Runnable> aside = new ArrayDeque<>();
  private final ManagedProvider provider = new ManagedProvider(PROVIDER, tasks, aside::add, tasks);

  @BeforeEach
  void open() {
    driver.pause = Duration.ofSeconds(5);
    provider.use(driver, spec(4));
    provider.probe();
  }

  @Test
  void a_task_goes_from_its_slot_to_its_end() {
    Work work = works(RUN, "t", 1, 1).getFirst();
    assertThat(state(RUN, List.of(work), List.of())).containsExactly(new Admission.Granted());
    provider.run(ProviderOperation.SUBMIT, work);
    assertThat(provider.isUnderWay(work.key())).isTrue();
    drain();
    assertThat(provider.isUnderWay(work.key())).isFalse();
    assertThat(tasks.outcomes()).containsExactly(new Submission.Accepted("job-t-0"));

    driver.looks = job -> new Observation.Finished(ScriptedDriver.WARM);
    state(RUN, List.of(), List.of(new Work.InFlight(work, "job-t-0")));
    poll();
    assertThat(tasks.seen("t-0")).containsExactly(new Observation.Finished(ScriptedDriver.WARM));
    assertThat(provider.running()).as("until its execution states that it ended").isOne();

    state(RUN, List.of(), List.of());
    assertThat(provider.running()).isZero();
    assertThat(provider.polled()).isZero();
  }

  @Test
  void the_same_work_is_done_once_and_its_result_is_for_all() {
    Work first = work(RUN, "a", 1, DedupKeys.of("digest"), TestTasks.BEGIN);
    Work second = work(OTHER, "b", 0, DedupKeys.of("digest"), TestTasks.BEGIN);
    state(RUN, List.of(first), List.of());
    assertThat(state(OTHER, List.of(second), List.of()).getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> assertThat(wait.reason()).isEqualTo(Reason.ALREADY_RUNNING));
    driver.looks = job -> new Observation.Finished(ScriptedDriver.WARM);
    state(RUN, List.of(), List.of(new Work.InFlight(first, "job")));
    poll();
    tasks.woken.clear();

    state(RUN, List.of(), List.of());

    assertThat(tasks.woken).containsExactly(OTHER);
    assertThat(state(OTHER, List.of(second), List.of()))
        .containsExactly(new Admission.AlreadyDone(ScriptedDriver.WARM));
  }

  @Test
  void what_is_not_known_to_be_all_there_is_done_again() {
    List<Warmth> notAll =
        List.of(Warmth.unverified(100), new Warmth(true, 99, 100, 1, List.of("10.0.0.1"), 1));
    for (Warmth warmth : notAll) {
      Work first = work(RUN, "a", 1, DedupKeys.of("digest"), tasks.instant());
      state(RUN, List.of(first), List.of());
      driver.looks = job -> new Observation.Finished(warmth);
      state(RUN, List.of(), List.of(new Work.InFlight(first, "job " + warmth)));
      poll();
      state(RUN, List.of(), List.of());
      Work second = work(OTHER, "b", 0, DedupKeys.of("digest"), TestTasks.BEGIN);
      assertThat(state(OTHER, List.of(second), List.of())).containsExactly(new Admission.Granted());
      state(OTHER, List.of(), List.of());
    }
    assertThat(tasks.seen("a")).hasSize(2);
  }

  @Test
  void an_eviction_makes_what_was_done_worth_doing_again() {
    Work first = work(RUN, "a", 1, DedupKeys.of("digest"), TestTasks.BEGIN);
    state(RUN, List.of(first), List.of());
    driver.looks = job -> new Observation.Finished(ScriptedDriver.WARM);
    state(RUN, List.of(), List.of(new Work.InFlight(first, "job")));
    poll();
    state(RUN, List.of(), List.of());

    provider.run(ProviderOperation.EVICT, works(RUN, "evict", 1, 1).getFirst());
    drain();

    Work second = work(OTHER, "b", 0, DedupKeys.of("digest"), TestTasks.BEGIN);
    assertThat(state(OTHER, List.of(second), List.of())).containsExactly(new Admission.Granted());
  }

  @Test
  void an_unknown_outcome_keeps_its_slot_for_the_search() {
    driver.submits = order -> new Submission.Unknown("no answer");
    Work work = works(RUN, "t", 1, 1).getFirst();
    state(RUN, List.of(work), List.of());
    provider.run(ProviderOperation.SUBMIT, work);
    drain();
    assertThat(tasks.outcomes()).containsExactly(new Submission.Unknown("no answer"));

    state(RUN, List.of(), List.of(new Work.InFlight(work, null)));

    assertThat(provider.running()).isOne();
    assertThat(provider.polled()).as("no one knows of a job").isZero();
    driver.submits = order -> new Submission.Accepted("found", true);
    provider.run(ProviderOperation.ADOPT, work);
    drain();
    assertThat(tasks.outcomes()).last().isEqualTo(new Submission.Accepted("found", true));
  }

  @Test
  void after_an_outage_work_resumes_gently() {
    provider.use(driver, spec(100));
    driver.health = new Health.Unusable(Reason.UNREACHABLE, "away", false);
    provider.probe();
    driver.health = new Health.Usable(null, EnumSet.allOf(Capability.class));
    provider.probe();
    List<Work> waiting = new ArrayList<>(works(RUN, "t", 200));
    List<Integer> waves = new ArrayList<>();

    while (!waiting.isEmpty()) {
      List<Admission> answers = state(RUN, waiting, List.of());
      List<Work> sent = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i) instanceof Admission.Granted) {
          sent.add(waiting.get(i));
        }
      }
      waves.add(sent.size());
      sent.forEach(work -> provider.run(ProviderOperation.SUBMIT, work));
      drain();
      waiting.removeAll(sent);
    }

    assertThat(waves).containsExactly(2, 8, 100, 90);
    assertThat(driver.submitted).hasSize(200);
  }

  @Test
  void a_provider_that_fails_holds_up_its_tasks_until_a_probe_says_otherwise() {
    driver.submits = order -> new Submission.NotNow(Reason.UNREACHABLE, "502", null, true, true);
    List<Work> four = works(RUN, "t", 4);
    state(RUN, four, List.of());
    four.forEach(work -> provider.run(ProviderOperation.SUBMIT, work));
    drain();
    assertThat(driver.submitted).as("the fourth is not even tried").hasSize(3);
    assertThat(provider.held()).isPresent();
    assertThat(provider.state().circuitOpen()).isTrue();
    assertThat(state(RUN, four, List.of()))
        .allSatisfy(answer -> assertThat(answer).isInstanceOf(Admission.Wait.class));
    assertThat(provider.running()).isZero();
    assertThat(provider.queued()).isEqualTo(4);

    provider.probe();

    assertThat(tasks.woken).containsExactly(RUN);
    assertThat(state(RUN, four, List.of()))
        .filteredOn(answer -> answer instanceof Admission.Granted)
        .as("half open")
        .hasSize(2);
  }

  @Test
  void one_that_was_woken_and_did_not_come_leaves_its_turn_with_a_later_probe() {
    List<Work> four = works(RUN, "t", 4);
    state(RUN, four, List.of());
    state(OTHER, works(OTHER, "o", 1), List.of());
    ObjectKey last = new ObjectKey("team", "last");
    state(last, works(last, "l", 1), List.of());
    state(RUN, List.of(), inFlight(four.subList(1, 4)));
    assertThat(tasks.woken).containsExactly(OTHER);

    tasks.later(WaitQueue.PATIENCE);
    provider.probe();

    assertThat(tasks.woken).containsExactly(OTHER, last);
  }

  @Test
  void stored_work_that_ended_unseen_gives_way_at_a_probe() {
    ManagedProvider restarted = new ManagedProvider(PROVIDER, tasks, aside::add, tasks);
    restarted.use(driver, spec(1));
    restarted.probe();
    tasks.stored = works(RUN, "before", 1, 1);
    restarted.sync(demand(OTHER, works(OTHER, "o", 1), List.of()));
    assertThat(restarted.waiting()).isOne();
    tasks.stored = List.of();

    tasks.later(Duration.ofSeconds(30));
    restarted.probe();

    assertThat(tasks.woken).containsExactly(OTHER);
  }

  @Test
  void without_a_driver_it_waits_for_a_probe() {
    ManagedProvider unopened = new ManagedProvider(PROVIDER, tasks, aside::add, tasks);
    assertThat(unopened.wasProbed()).isFalse();
    assertThat(unopened.held().orElseThrow().reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER);
    assertThat(unopened.missing(Operation.EVICT)).as("not known yet").isEmpty();
    assertThat(unopened.missing(Target.DEFAULT)).isEmpty();
    assertThat(unopened.probe())
        .isEqualTo(new Health.Unusable(Reason.INTERNAL_ERROR, "no driver is open", false));
    assertThat(unopened.sync(demand(RUN, works(RUN, "t", 1), List.of())))
        .singleElement()
        .isInstanceOf(Admission.Wait.class);
  }

  @Test
  void it_says_what_it_cannot_do() {
    assertThat(provider.missing(Operation.EVICT)).isEmpty();
    driver.health = new Health.Usable(null, EnumSet.of(Capability.ALL_PEERS));
    provider.probe();
    assertThat(provider.missing(Operation.EVICT)).contains("operation Evict is not supported");
    assertThat(provider.missing(Operation.PREHEAT)).isEmpty();
    assertThat(provider.missing(Target.DEFAULT)).isPresent();
  }

  @Test
  void another_driver_takes_over_what_is_in_flight() {
    Work work = works(RUN, "t", 1, 1).getFirst();
    state(RUN, List.of(), List.of(new Work.InFlight(work, "job")));
    ScriptedDriver next = new ScriptedDriver();
    next.looks = job -> new Observation.Finished(ScriptedDriver.WARM);

    provider.use(next, spec(4));

    assertThat(driver.closed).isTrue();
    poll();
    assertThat(tasks.seen("t-0")).hasSize(1);
    assertThat(driver.looked).isEmpty();
  }

  @Test
  void what_a_closed_provider_was_given_is_answered() {
    Work work = works(RUN, "t", 1, 1).getFirst();
    provider.run(ProviderOperation.SUBMIT, work);
    provider.close();
    drain();
    assertThat(driver.closed).isTrue();
    assertThat(driver.submitted).isEmpty();
    assertThat(tasks.outcomes())
        .singleElement()
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            notNow -> assertThat(notNow.reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER));
    assertThat(provider.held()).isPresent();
  }

  private List<Admission> state(
      ObjectKey execution, List<Work> wanted, List<Work.InFlight> inFlight) {
    return provider.sync(demand(execution, wanted, inFlight));
  }

  private static Demand demand(
      ObjectKey execution, List<Work> wanted, List<Work.InFlight> inFlight) {
    return new Demand(
        execution,
        new ObjectKey(execution.namespace(), "policy"),
        0,
        TestTasks.BEGIN,
        wanted,
        inFlight);
  }

  private static List<Work.InFlight> inFlight(List<Work> works) {
    return works.stream().map(work -> new Work.InFlight(work, null)).toList();
  }

  private void poll() {
    tasks.later(Duration.ofSeconds(10));
    for (int i = 0; i < 3; i++) {
      provider.poll();
      drain();
    }
  }

  private void drain() {
    while (!aside.isEmpty()) {
      aside.poll().run();
    }
  }

  private static P2PProviderSpec spec(int slots) {
    return P2PProviderSpecBuilder.builder()
        .type(P2PProviderSpec.Type.KRAKEN)
        .limits(new P2PProviderSpec.Limits(slots, null))
        .build();
  }
}
