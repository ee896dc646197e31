package io.goharbor.preheat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each operation answers once, and the provider's health hears of calls to it alone. */
class DispatcherTest {
  private static final ObjectKey RUN = new ObjectKey("team", "run");
  private static final Submission AWAY =
      new Submission.NotNow(Reason.UNREACHABLE, "502", null, true, true);

  private final TestTasks tasks = new TestTasks();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final ProviderHealth health = new ProviderHealth("eu", tasks);
  private final Deque<Runnable> operations = new ArrayDeque<>();
  private final AtomicInteger evictions = new AtomicInteger();
  private final Dispatcher dispatcher =
      new Dispatcher(operations::add, tasks, health, () -> driver, evictions::incrementAndGet);
  private int names;

  @BeforeEach
  void open() {
    good();
  }

  @Test
  void an_operation_is_under_way_until_it_has_answered() {
    Work work = work();
    dispatcher.run(ProviderOperation.SUBMIT, work);
    dispatcher.run(ProviderOperation.SUBMIT, work);
    assertThat(dispatcher.isUnderWay(work.key())).isTrue();
    assertThat(operations).as("not begun a second time").hasSize(1);

    drain();

    assertThat(dispatcher.isUnderWay(work.key())).isFalse();
    assertThat(tasks.outcomes())
        .containsExactly(new Submission.Accepted("job-" + work.key().task()));
  }

  @Test
  void asking_and_evicting_conclude_in_the_call() {
    driver.finds = order -> new VerificationResult.Known(ScriptedDriver.WARM, true);
    dispatcher.run(ProviderOperation.VERIFY, work());
    dispatcher.run(ProviderOperation.EVICT, work());
    drain();
    assertThat(tasks.outcomes())
        .containsExactly(
            new Submission.Concluded(new Observation.Finished(ScriptedDriver.WARM)),
            new Submission.Concluded(new Observation.Evicted(1)));
    assertThat(evictions).hasValue(1);
  }

  @Test
  void a_fault_of_ours_while_an_order_is_made_is_an_answer() {
    tasks.orders =
        work -> {
          throw new IllegalStateException("the API server refused to read a Secret");
        };
    Work work = work();
    run(work);
    assertThat(tasks.outcomes())
        .singleElement()
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            notNow -> {
              assertThat(notNow.patience()).as("it costs no attempt").isTrue();
              assertThat(notNow.providerFault()).isFalse();
              assertThat(notNow.message()).contains("refused to read a Secret");
            });
    assertThat(dispatcher.isUnderWay(work.key())).isFalse();
  }

  @Test
  void a_fault_of_the_driver_leaves_it_unknown_whether_it_was_sent() {
    driver.submits =
        order -> {
          throw new IllegalStateException("a fault of the driver");
        };
    Work work = work();
    run(work);
    assertThat(tasks.outcomes())
        .containsExactly(
            new Submission.Unknown(
                "the driver failed: java.lang.IllegalStateException: a fault of the driver"));
    assertThat(dispatcher.isUnderWay(work.key())).isFalse();
  }

  @Test
  void even_an_error_of_the_machine_is_answered() {
    driver.submits =
        order -> {
          throw new StackOverflowError();
        };
    Work work = work();
    dispatcher.run(ProviderOperation.SUBMIT, work);
    assertThatThrownBy(this::drain).isInstanceOf(StackOverflowError.class);
    assertThat(tasks.outcomes()).singleElement().isInstanceOf(Submission.Unknown.class);
    assertThat(dispatcher.isUnderWay(work.key())).isFalse();
  }

  @Test
  void an_error_while_an_order_is_made_is_answered() {
    tasks.orders =
        work -> {
          throw new StackOverflowError();
        };
    Work work = work();
    dispatcher.run(ProviderOperation.SUBMIT, work);
    assertThatThrownBy(this::drain).isInstanceOf(StackOverflowError.class);
    assertThat(tasks.outcomes()).singleElement().isInstanceOf(Submission.Unknown.class);
    assertThat(dispatcher.isUnderWay(work.key())).isFalse();
  }

  @Test
  void an_answer_that_cannot_be_told_leaves_nothing_under_way() {
    TestTasks deaf =
        new TestTasks() {
          @Override
          public void happened(TaskEvent event) {
            throw new IllegalStateException("no one hears");
          }
        };
    Dispatcher untold =
        new Dispatcher(operations::add, deaf, health, () -> driver, evictions::incrementAndGet);
    Work work = work();
    untold.run(ProviderOperation.SUBMIT, work);
    assertThatThrownBy(this::drain).hasMessage("no one hears");
    assertThat(untold.isUnderWay(work.key())).isFalse();
  }

  @Test
  void what_cannot_be_begun_is_not_under_way() {
    Executor closed =
        action -> {
          throw new RejectedExecutionException("closed");
        };
    Executor exhausted =
        action -> {
          throw new OutOfMemoryError("no thread");
        };
    for (Executor executor : List.of(closed, exhausted)) {
      Dispatcher refused =
          new Dispatcher(executor, tasks, health, () -> driver, evictions::incrementAndGet);
      Work work = work();
      assertThatThrownBy(() -> refused.run(ProviderOperation.SUBMIT, work))
          .isInstanceOfAny(RejectedExecutionException.class, OutOfMemoryError.class);
      assertThat(refused.isUnderWay(work.key())).isFalse();
    }
    assertThat(tasks.events).isEmpty();
  }

  @Test
  void an_answer_is_told_while_it_is_still_under_way() {
    List<Boolean> underWay = new ArrayList<>();
    List<Dispatcher> made = new ArrayList<>();
    TestTasks asking =
        new TestTasks() {
          @Override
          public void happened(TaskEvent event) {
            underWay.add(made.getFirst().isUnderWay(event.key()));
          }
        };
    made.add(
        new Dispatcher(operations::add, asking, health, () -> driver, evictions::incrementAndGet));
    made.getFirst().run(ProviderOperation.SUBMIT, work());
    drain();
    assertThat(underWay).as("one of both is always found").containsExactly(true);
  }

  @Test
  void a_registry_that_refuses_for_good_is_a_refusal_and_one_that_is_away_is_waited_for() {
    Map<RemoteCallException, Class<?>> refusals = new LinkedHashMap<>();
    refusals.put(failure(FailureClass.PERMANENT, 404), Submission.Refused.class);
    refusals.put(failure(FailureClass.WAIT, 429), Submission.NotNow.class);
    refusals.put(failure(FailureClass.RETRY, 0), Submission.NotNow.class);
    refusals.put(failure(FailureClass.RETRY, 500), Submission.NotNow.class);
    refusals.forEach((refusal, expected) -> {
      tasks.orders =
          work -> {
            throw refusal;
          };
      run(work());
      assertThat(tasks.outcomes().getLast()).isInstanceOf(expected);
    });
    assertThat(tasks.events)
        .as("the registry is at fault")
        .allMatch(event -> event instanceof TaskEvent.Sent sent && sent.orderFailed());
    assertThat(tasks.outcomes().subList(1, 4))
        .extracting(outcome -> ((Submission.NotNow) outcome).patience())
        .as("500 costs an attempt")
        .containsExactly(true, true, false);
    assertThat(driver.submitted).isEmpty();
  }

  @Test
  void what_peers_cannot_do_or_tell_is_said() {
    driver.finds = order -> new VerificationResult.CannotTell("set originURL");
    dispatcher.run(ProviderOperation.VERIFY, work());
    drain();
    driver.finds = order -> new VerificationResult.NoAnswer(Reason.UNREACHABLE, "away");
    dispatcher.run(ProviderOperation.VERIFY, work());
    drain();
    assertThat(tasks.outcomes())
        .containsExactly(
            new Submission.Refused(Reason.NOT_SUPPORTED, "set originURL"),
            new Submission.NotNow(Reason.UNREACHABLE, "away", null, false, true));
  }

  @Test
  void a_job_is_cancelled_whose_order_can_be_made() {
    List<Cancellation> outcomes = new ArrayList<>();
    dispatcher.cancel(work(), "job", outcomes::add);
    drain();
    tasks.orders =
        work -> {
          throw failure(FailureClass.RETRY, 0);
        };
    dispatcher.cancel(work(), "job", outcomes::add);
    drain();
    tasks.orders =
        work -> {
          throw new IllegalStateException("a fault");
        };
    dispatcher.cancel(work(), "job", outcomes::add);
    drain();
    assertThat(outcomes)
        .containsExactly(
            new Cancellation.Stopped(),
            new Cancellation.NoAnswer(Reason.UNREACHABLE, "Harbor is away"));
  }

  @Test
  void three_failures_of_the_provider_open_the_circuit() {
    driver.submits = order -> AWAY;
    for (int i = 0; i < 4; i++) {
      run(work());
    }
    assertThat(driver.submitted).as("the fourth is not even tried").hasSize(3);
    assertThat(health.held()).isPresent();
    assertThat(tasks.outcomes()).hasSize(4);
  }

  @Test
  void failures_of_the_registry_leave_the_circuit_of_the_provider_alone() {
    driver.submits = order -> AWAY;
    for (int i = 0; i < 3; i++) {
      run(work());
    }
    good();
    assertThat(health.startsAtOnce()).as("half open").isEqualTo(2);
    driver.submits = order -> new Submission.Accepted("job");
    tasks.orders =
        work -> {
          throw failure(FailureClass.RETRY, 502);
        };
    for (int i = 0; i < 5; i++) {
      run(work());
    }
    tasks.orders =
        work -> {
          throw new IllegalStateException("a fault");
        };
    for (int i = 0; i < 5; i++) {
      run(work());
    }
    good();
    tasks.events.clear();
    tasks.orders = work -> ScriptedDriver.order(work.key().task());

    for (int i = 0; i < 5; i++) {
      run(work());
    }

    assertThat(tasks.outcomes()).hasSize(5).allMatch(one -> one instanceof Submission.Accepted);
    assertThat(health.held()).isEmpty();
  }

  @Test
  void work_resumes_gently() {
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "away", false));
    good();
    assertThat(health.startsAtOnce()).isEqualTo(2);
    run(work());
    run(work());
    assertThat(health.startsAtOnce()).isEqualTo(8);
    for (int i = 0; i < 10; i++) {
      run(work());
    }
    assertThat(health.startsAtOnce()).isGreaterThan(1000);
  }

  @Test
  void while_the_provider_is_in_trouble_no_order_is_made() {
    health.probed(new Health.Unusable(Reason.UNREACHABLE, "away", false));
    tasks.orders =
        work -> {
          throw new AssertionError("Harbor was asked in vain");
        };
    run(work());
    assertThat(tasks.outcomes())
        .singleElement()
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            notNow -> assertThat(notNow.reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER));
  }

  private static RemoteCallException failure(FailureClass failureClass, int status) {
    return new RemoteCallException(
        failureClass, Reason.UNREACHABLE, status, "Harbor is away", null, false, null);
  }

  private void good() {
    health.probed(new Health.Usable(null, EnumSet.allOf(Capability.class)));
  }

  private Work work() {
    tasks.later(Duration.ofMillis(1));
    return TestTasks.works(RUN, "task" + names++, 1, 1).getFirst();
  }

  private void run(Work work) {
    dispatcher.run(ProviderOperation.SUBMIT, work);
    drain();
  }

  private void drain() {
    for (Runnable next : List.copyOf(operations)) {
      operations.remove(next);
      next.run();
    }
  }
}
