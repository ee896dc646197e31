package io.goharbor.preheat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Finding;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
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
    driver.finds = order -> new Finding.Known(ScriptedDriver.WARM, true);
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
    assertThat(health.openSlots(100)).as("half open").isEqualTo(2);
    driver.submits = order -> new Submission.Accepted("job");
    tasks.orders =
        work -> {
          throw new RemoteCallException(
              FailureClass.RETRY, Reason.UNREACHABLE, 502, "Harbor is away", null, false, null);
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
    assertThat(health.openSlots(100)).isEqualTo(2);
    run(work());
    run(work());
    assertThat(health.openSlots(100)).isEqualTo(8);
    for (int i = 0; i < 10; i++) {
      run(work());
    }
    assertThat(health.openSlots(100)).isEqualTo(100);
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
