package io.goharbor.preheat.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobObserverTest {
  private final ScriptedDriver driver = new ScriptedDriver();
  private final Map<String, List<Observation>> news = new ConcurrentHashMap<>();
  private final JobObserver observer =
      new JobObserver(
          () -> driver,
          Clock.systemUTC(),
          new Supervisor(_ -> {}),
          (ticket, seen) ->
              news.computeIfAbsent(ticket.key(), key -> new CopyOnWriteArrayList<>()).add(seen));

  @AfterEach
  void close() {
    observer.close();
  }

  @Test
  void progress_is_told_when_it_changes_and_the_end_once() {
    AtomicInteger looks = new AtomicInteger();
    driver.looks =
        job ->
            looks.incrementAndGet() < 5
                ? new Observation.InProgress(10)
                : new Observation.Finished(ScriptedDriver.WARM);

    follow("a", Duration.ofHours(1));

    await().until(() -> ended("a"));
    assertThat(news.get("a"))
        .containsExactly(
            new Observation.InProgress(10), new Observation.Finished(ScriptedDriver.WARM));
    assertThat(observer.follows("a")).isFalse();
  }

  @Test
  void jobs_that_are_due_together_are_looked_at_in_one_go() {
    driver.pause = Duration.ofMillis(300);
    for (int i = 0; i < 200; i++) {
      follow("job-" + i, Duration.ofHours(1));
    }

    await().until(() -> driver.looked.stream().mapToInt(Integer::intValue).sum() >= 200);
    assertThat(driver.looked.size()).as("looks at 200 jobs: %s", driver.looked).isLessThan(12);
  }

  @Test
  void no_answer_changes_nothing_and_is_asked_again() {
    AtomicInteger looks = new AtomicInteger();
    driver.looks =
        job ->
            looks.incrementAndGet() == 1
                ? new Observation.NoAnswer(Reason.UNREACHABLE, "away")
                : new Observation.Finished(ScriptedDriver.WARM);

    follow("a", Duration.ofHours(1));

    await().atMost(Duration.ofSeconds(8)).until(() -> ended("a"));
    assertThat(news.get("a")).hasSize(2).first().isInstanceOf(Observation.NoAnswer.class);
  }

  @Test
  void an_order_that_cannot_be_made_is_no_answer() {
    observer.follow(
        new Ticket("a", DedupKeys.of("w")),
        "a",
        Instant.now(),
        () -> {
          throw new RemoteCallException(
              FailureClass.RETRY, Reason.UNREACHABLE, 0, "Harbor is away", null, false, null);
        });

    await().until(() -> news.containsKey("a"));
    assertThat(news.get("a"))
        .containsExactly(new Observation.NoAnswer(Reason.UNREACHABLE, "Harbor is away"));
    assertThat(observer.follows("a")).isTrue();
  }

  @Test
  void an_unknown_outcome_is_what_the_peers_say() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new Finding.Known(ScriptedDriver.WARM, true);

    follow("a", Duration.ofHours(1));

    await().until(() -> ended("a"));
    assertThat(news.get("a")).containsExactly(new Observation.Finished(ScriptedDriver.WARM));
  }

  @Test
  void when_not_every_peer_can_be_heard_the_outcome_stays_unknown() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new Finding.Known(ScriptedDriver.WARM, false);

    follow("a", Duration.ofHours(1));

    await().until(() -> ended("a"));
    assertThat(news.get("a"))
        .containsExactly(new Observation.OutcomeUnknown("forgotten", ScriptedDriver.WARM));
  }

  @Test
  void when_nobody_can_be_asked_it_says_why() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds = order -> new Finding.CannotTell("set originURL");

    follow("a", Duration.ofHours(1));

    await().until(() -> ended("a"));
    assertThat(news.get("a"))
        .containsExactly(new Observation.OutcomeUnknown("forgotten; set originURL"));
  }

  @Test
  void a_verification_without_answer_is_repeated() {
    AtomicInteger asked = new AtomicInteger();
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    driver.finds =
        order ->
            asked.incrementAndGet() == 1
                ? new Finding.NoAnswer(Reason.UNREACHABLE, "away")
                : new Finding.Known(ScriptedDriver.WARM, true);

    follow("a", Duration.ofHours(1));

    await().atMost(Duration.ofSeconds(8)).until(() -> ended("a"));
    assertThat(news.get("a"))
        .containsExactly(
            new Observation.NoAnswer(Reason.UNREACHABLE, "away"),
            new Observation.Finished(ScriptedDriver.WARM));
  }

  @Test
  void a_job_that_runs_for_ever_is_verified_when_its_time_is_over() {
    driver.finds = order -> new Finding.Known(ScriptedDriver.WARM, true);

    observer.follow(
        new Ticket("a", DedupKeys.of("w")),
        "a",
        Instant.now().minus(Duration.ofMinutes(66)),
        () -> ScriptedDriver.order("a", Duration.ofHours(1)));
    observer.follow(
        new Ticket("b", DedupKeys.of("w")),
        "b",
        Instant.now().minus(Duration.ofMinutes(64)),
        () -> ScriptedDriver.order("b", Duration.ofHours(1)));

    await().until(() -> ended("a"));
    assertThat(news.get("a")).containsExactly(new Observation.Finished(ScriptedDriver.WARM));
    assertThat(ended("b")).isFalse();
  }

  @Test
  void few_verifications_run_at_once_and_hold_up_no_look() throws InterruptedException {
    CountDownLatch answer = new CountDownLatch(1);
    driver.looks =
        job ->
            job.jobId().startsWith("lost")
                ? new Observation.OutcomeUnknown("forgotten")
                : new Observation.Finished(ScriptedDriver.WARM);
    driver.finds =
        order -> {
          try {
            answer.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new Finding.Known(ScriptedDriver.WARM, true);
        };
    for (int i = 0; i < 12; i++) {
      follow("lost-" + i, Duration.ofHours(1));
    }
    await().until(() -> driver.verifying.get() == 4);

    follow("other", Duration.ofHours(1));

    await().until(() -> ended("other"));
    assertThat(driver.mostVerifying).hasValue(4);
    answer.countDown();
    await().until(() -> ended("lost-11"));
    assertThat(driver.mostVerifying).hasValue(4);
  }

  @Test
  void a_driver_that_fails_is_asked_again() {
    AtomicInteger looks = new AtomicInteger();
    driver.looks =
        job -> {
          if (looks.incrementAndGet() == 1) {
            throw new IllegalStateException("a fault of the driver");
          }
          return new Observation.Finished(ScriptedDriver.WARM);
        };

    follow("a", Duration.ofHours(1));

    await().atMost(Duration.ofSeconds(8)).until(() -> ended("a"));
  }

  @Test
  void what_is_dropped_is_told_no_more() {
    driver.looks = job -> new Observation.OutcomeUnknown("forgotten");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    driver.finds =
        order -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new Finding.Known(ScriptedDriver.WARM, true);
        };
    follow("a", Duration.ofHours(1));
    await().until(() -> asked.getCount() == 0);

    observer.drop("a");
    answer.countDown();

    await().until(() -> driver.verifying.get() == 0);
    assertThat(news).doesNotContainKey("a");
  }

  private void follow(String key, Duration limit) {
    observer.follow(
        new Ticket(key, DedupKeys.of("work " + key)),
        key,
        Instant.now(),
        () -> ScriptedDriver.order(key, limit));
  }

  private boolean ended(String key) {
    return news.getOrDefault(key, List.of()).stream()
        .anyMatch(seen ->
            !(seen instanceof Observation.InProgress) && !(seen instanceof Observation.NoAnswer));
  }
}
