package io.goharbor.preheat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs are checked when they can have changed, as long as their executions state them. */
class JobPollerTest {
  private static final ObjectKey RUN = new ObjectKey("team", "run");
  private static final Duration STEP = Duration.ofSeconds(10);
  private static final Observation WARM = new Observation.Finished(ScriptedDriver.WARM);

  private final TestTasks tasks = new TestTasks();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final Deque<Runnable> aside = new ArrayDeque<>();
  private final JobPoller poller =
      new JobPoller(
          tasks,
          () -> driver,
          (work, seen) -> tasks.happened(new TaskEvent.Seen(work.key(), seen)),
          aside::add,
          tasks);

  @BeforeEach
  void estimator() {
    driver.pause = Duration.ofSeconds(5);
  }

  @Test
  void progress_is_told_when_it_changes_and_the_end_once() {
    List<Observation> looks =
        new ArrayList<>(
            List.of(new Observation.InProgress(10), new Observation.InProgress(10), WARM, WARM));
    driver.looks = job -> looks.removeFirst();
    state(running("a"));
    for (int i = 0; i < 5; i++) {
      poll();
    }
    assertThat(tasks.seen("a")).containsExactly(new Observation.InProgress(10), WARM);
    assertThat(looks).as("one that has ended is not checked again").hasSize(1);

    state();
    assertThat(poller.size()).isZero();
  }

  @Test
  void a_job_that_is_stated_again_goes_on_as_it_was() {
    driver.looks = job -> new Observation.InProgress(10);
    state(running("a"));
    poll();
    state(running("a"));
    poll();
    assertThat(tasks.seen("a")).hasSize(1);
    assertThat(driver.looked).containsExactly(1, 1);
  }

  @Test
  void jobs_that_are_due_together_are_checked_in_one_go() {
    state(IntStream.range(0, 200).mapToObj(i -> running("job-" + i)).toArray(Work.InFlight[]::new));
    poll();
    assertThat(driver.looked).containsExactly(200);
  }

  @Test
  void jobs_whose_orders_are_made_one_after_the_other_are_checked_in_one_go() {
    state(IntStream.range(0, 200).mapToObj(i -> running("job-" + i)).toArray(Work.InFlight[]::new));
    tasks.later(STEP);
    poller.pollDue();
    for (int i = 0; i < 100; i++) {
      aside.remove().run();
    }
    poller.pollDue();
    assertThat(driver.looked).as("half of them would be a piece").isEmpty();
    drain();
    poller.pollDue();
    assertThat(driver.looked).containsExactly(200);
  }

  @Test
  void what_has_no_job_is_not_polled() {
    state(new Work.InFlight(work("a"), null));
    poll();
    assertThat(driver.looked).isEmpty();
    assertThat(poller.size()).isZero();
  }

  @Test
  void no_answer_changes_nothing_and_is_asked_again() {
    List<Observation> looks =
        new ArrayList<>(List.of(new Observation.NoAnswer(Reason.UNREACHABLE, "away"), WARM));
    driver.looks = job -> looks.removeFirst();
    state(running("a"));
    poll();
    poll();
    assertThat(tasks.seen("a"))
        .containsExactly(new Observation.NoAnswer(Reason.UNREACHABLE, "away"), WARM);
  }

  @Test
  void an_order_that_cannot_be_made_is_no_answer() {
    tasks.orders =
        work -> {
          throw new RemoteCallException(
              FailureClass.RETRY, Reason.UNREACHABLE, 0, "Harbor is away", null, false, null);
        };
    state(running("a"));
    poll();
    assertThat(tasks.seen("a"))
        .containsExactly(new Observation.NoAnswer(Reason.UNREACHABLE, "Harbor is away"));

    tasks.orders = work -> ScriptedDriver.order("a");
    driver.looks = job -> WARM;
    poll();
    assertThat(tasks.seen("a")).last().isEqualTo(WARM);
  }

  @Test
  void a_fault_of_ours_while_an_order_is_made_is_no_answer() {
    tasks.orders =
        work -> {
          throw new IllegalStateException("a fault");
        };
    state(running("a"));
    poll();
    assertThat(tasks.seen("a"))
        .singleElement()
        .isInstanceOfSatisfying(
            Observation.NoAnswer.class,
            none -> assertThat(none.reason()).isEqualTo(Reason.INTERNAL_ERROR));
    assertThat(poller.size()).isOne();
  }

  @Test
  void registries_that_are_slow_hold_up_their_own_jobs_only() {
    driver.looks = job -> WARM;
    Work.InFlight[] slow =
        IntStream.range(0, 20).mapToObj(i -> running("slow-" + i)).toArray(Work.InFlight[]::new);
    state(slow);
    tasks.later(STEP);
    poller.pollDue();
    assertThat(aside).as("their orders are under way").hasSize(20);
    List<Runnable> hanging = List.copyOf(aside);
    aside.clear();

    ObjectKey other = new ObjectKey("team", "other");
    poller.sync(other, List.of(running(other, "quick")));
    poll();
    // It waited a moment for those that were due with it.
    tasks.later(Duration.ofMillis(500));
    poller.pollDue();

    assertThat(tasks.seen("quick")).containsExactly(WARM);
    hanging.forEach(Runnable::run);
    poll();
    assertThat(tasks.seen("slow-19")).containsExactly(WARM);
  }

  @Test
  void jobs_whose_orders_come_all_at_once_are_all_checked() {
    driver.looks = job -> WARM;
    state(
        IntStream.range(0, 2500).mapToObj(i -> running("job-" + i)).toArray(Work.InFlight[]::new));
    tasks.later(STEP);
    for (int i = 0; i < 3; i++) {
      poller.pollDue();
    }
    assertThat(aside).as("a slow registry: all their orders are under way").hasSize(2500);
    drain();
    while (poller.pollDue()) {
      drain();
    }
    assertThat(tasks.events).as("more than are due in one go").hasSize(2500);
  }

  @Test
  void an_error_while_an_order_is_made_loses_no_job() {
    tasks.orders =
        work -> {
          throw new StackOverflowError();
        };
    state(running("a"));
    tasks.later(STEP);
    poller.pollDue();
    assertThatThrownBy(this::drain).isInstanceOf(StackOverflowError.class);

    tasks.orders = work -> ScriptedDriver.order("a");
    driver.looks = job -> WARM;
    poll();
    assertThat(tasks.seen("a")).containsExactly(WARM);
  }

  @Test
  void a_job_from_before_a_restart_is_checked_at_once() {
    tasks.later(Duration.ofMinutes(10));
    state(running("a"));
    poller.pollDue();
    drain();
    poller.pollDue();
    assertThat(driver.looked).containsExactly(1);
  }

  @Test
  void another_job_of_an_attempt_takes_the_place_of_the_one_before() {
    List<String> looked = new ArrayList<>();
    driver.looks =
        job -> {
          looked.add(job.jobId());
          return new Observation.InProgress(10);
        };
    state(running("a"));
    state(new Work.InFlight(running("a").work(), "job-other"));
    assertThat(poller.size()).isOne();
    poll();
    assertThat(looked).containsExactly("job-other");
    assertThat(tasks.seen("a")).hasSize(1);
  }

  @Test
  void while_no_driver_is_open_jobs_wait() {
    AtomicReference<@Nullable ScriptedDriver> open = new AtomicReference<>();
    JobPoller waiting =
        new JobPoller(
            tasks,
            open::get,
            (work, seen) -> tasks.happened(new TaskEvent.Seen(work.key(), seen)),
            Runnable::run,
            tasks);
    waiting.sync(RUN, List.of(running("a")));
    tasks.later(STEP);
    assertThat(waiting.pollDue()).isTrue();
    assertThat(tasks.events).isEmpty();

    open.set(driver);
    driver.looks = job -> WARM;
    tasks.later(STEP);
    waiting.pollDue();
    assertThat(tasks.seen("a")).containsExactly(WARM);
  }

  @Test
  void an_unknown_outcome_is_what_the_peers_say() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new VerificationResult.Known(ScriptedDriver.WARM, true);
    state(running("a"));
    poll();
    assertThat(tasks.seen("a")).containsExactly(WARM);
  }

  @Test
  void when_not_every_peer_can_be_heard_the_outcome_stays_unknown() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new VerificationResult.Known(ScriptedDriver.WARM, false);
    state(running("a"));
    poll();
    assertThat(tasks.seen("a"))
        .containsExactly(new Observation.OutcomeUnknown("forgotten", ScriptedDriver.WARM));
  }

  @Test
  void when_no_one_can_be_asked_it_says_why() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new VerificationResult.CannotTell("set originURL");
    state(running("a"));
    poll();
    assertThat(tasks.seen("a"))
        .containsExactly(new Observation.OutcomeUnknown("forgotten; set originURL"));
  }

  @Test
  void a_verification_without_answer_is_repeated() {
    List<VerificationResult> found =
        new ArrayList<>(
            List.of(
                new VerificationResult.NoAnswer(Reason.UNREACHABLE, "away"),
                new VerificationResult.Known(ScriptedDriver.WARM, true)));
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> found.removeFirst();
    state(running("a"));
    poll();
    poll();
    assertThat(tasks.seen("a"))
        .containsExactly(new Observation.NoAnswer(Reason.UNREACHABLE, "away"), WARM);
  }

  @Test
  void a_job_that_runs_for_ever_is_verified_when_its_time_is_over() {
    driver.finds = order -> new VerificationResult.Known(ScriptedDriver.WARM, true);
    state(running("a"));
    tasks.later(Duration.ofMinutes(64));
    poll();
    assertThat(tasks.seen("a")).containsExactly(new Observation.InProgress(0));
    tasks.later(Duration.ofMinutes(2));
    poll();
    assertThat(tasks.seen("a")).last().isEqualTo(WARM);
  }

  @Test
  void few_verifications_run_at_once_and_hold_up_no_check() throws InterruptedException {
    CountDownLatch four = new CountDownLatch(4);
    CountDownLatch answer = new CountDownLatch(1);
    driver.looks =
        job ->
            job.jobId().startsWith("job-lost") ? new Observation.OutcomeUnknown("forgotten") : WARM;
    driver.finds =
        order -> {
          four.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new VerificationResult.Known(ScriptedDriver.WARM, true);
        };
    state(IntStream.range(0, 12).mapToObj(i -> running("lost-" + i)).toArray(Work.InFlight[]::new));
    tasks.later(STEP);
    poller.pollDue();
    drain();
    poller.pollDue();
    List<Thread> verifications = aside.stream().map(Thread::startVirtualThread).toList();
    aside.clear();
    four.await();

    ObjectKey other = new ObjectKey("team", "other");
    poller.sync(other, List.of(running(other, "other")));
    poll();

    assertThat(tasks.seen("other")).containsExactly(WARM);
    assertThat(driver.verifying).hasValue(4);
    answer.countDown();
    for (Thread verification : verifications) {
      verification.join();
    }
    assertThat(driver.mostVerifying).hasValue(4);
    assertThat(tasks.events).hasSize(13);
  }

  @Test
  void a_driver_that_fails_is_asked_again() {
    driver.looks =
        job -> {
          throw new IllegalStateException("a fault of the driver");
        };
    state(running("a"));
    tasks.later(STEP);
    poller.pollDue();
    drain();
    assertThatThrownBy(poller::pollDue).isInstanceOf(IllegalStateException.class);

    driver.looks = job -> WARM;
    poll();
    assertThat(tasks.seen("a")).containsExactly(WARM);
  }

  @Test
  void what_is_stated_no_more_is_told_no_more() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new VerificationResult.Known(ScriptedDriver.WARM, true);
    state(running("a"));
    tasks.later(STEP);
    poller.pollDue();
    drain();
    poller.pollDue();
    state();
    drain();
    assertThat(tasks.events).isEmpty();
    assertThat(poller.pollDue()).isFalse();
  }

  private void poll() {
    tasks.later(STEP);
    for (int i = 0; i < 3; i++) {
      poller.pollDue();
      drain();
    }
  }

  private void drain() {
    while (!aside.isEmpty()) {
      aside.poll().run();
    }
  }

  private void state(Work.InFlight... jobs) {
    poller.sync(RUN, List.of(jobs));
  }

  private static Work.InFlight running(String task) {
    return running(RUN, task);
  }

  private static Work.InFlight running(ObjectKey execution, String task) {
    return new Work.InFlight(
        TestTasks.work(execution, task, 1, DedupKeys.of(task), TestTasks.BEGIN), "job-" + task);
  }

  private static Work work(String task) {
    return TestTasks.work(RUN, task, 1, DedupKeys.of(task), Instant.EPOCH);
  }
}
