package io.goharbor.preheat.supervision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final List<String> failed = new CopyOnWriteArrayList<>();
  private final Supervisor supervisor = new Supervisor(failed::add);
  private final AtomicInteger steps = new AtomicInteger();

  @Test
  void a_loop_goes_on_whatever_is_thrown() {
    try (Loop loop =
        supervisor.loop(
            "test",
            LONG,
            () -> {
              switch (steps.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("once");
                case 2 -> throw new StackOverflowError("twice");
                case 3 -> throw new java.io.IOException("three times");
                default -> Thread.sleep(5);
              }
            })) {
      await().until(() -> steps.get() > 5);
      assertThat(failed).containsExactly("test", "test", "test");
      assertThat(loop.trouble()).isEmpty();
    }
  }

  @Test
  void an_interrupt_that_nobody_asked_for_does_not_end_a_loop() {
    try (Loop loop =
        supervisor.loop(
            "test",
            LONG,
            () -> {
              if (steps.incrementAndGet() == 2) {
                throw new InterruptedException();
              }
              Thread.sleep(5);
            })) {
      await().until(() -> steps.get() > 4);
      assertThat(loop.trouble()).isEmpty();
    }
  }

  @Test
  void a_step_that_hangs_is_told_by_name() {
    CountDownLatch never = new CountDownLatch(1);
    Loop loop = supervisor.loop("certificate", Duration.ofMillis(50), never::await);
    await().until(() -> supervisor.trouble().isPresent());
    assertThat(loop.trouble())
        .hasValueSatisfying(
            told -> assertThat(told).startsWith("the loop certificate got no step done for "));
    loop.close();
    assertThat(supervisor.trouble()).isEmpty();
  }

  @Test
  void one_that_always_fails_is_told_too() {
    try (Loop loop =
        supervisor.loop(
            "alarm",
            Duration.ofMillis(300),
            () -> {
              throw new IllegalStateException("always");
            })) {
      await().until(() -> supervisor.trouble().isPresent());
      assertThat(failed).hasSizeGreaterThanOrEqualTo(2);
      assertThat(loop.trouble()).isPresent();
    }
  }

  @Test
  void a_pause_is_no_trouble_and_a_closed_loop_takes_no_steps() throws Exception {
    Loop loop =
        supervisor.every(
            "test", Duration.ofMillis(100), Duration.ofMillis(200), steps::incrementAndGet);
    await().until(() -> steps.get() > 2);
    assertThat(supervisor.trouble()).isEmpty();
    loop.close();
    int before = steps.get();
    Thread.sleep(250);
    assertThat(steps.get()).isLessThanOrEqualTo(before + 1);
    assertThat(supervisor.trouble()).isEmpty();
  }

  @Test
  void a_loop_that_is_ended_may_finish_its_step() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger finished = new AtomicInteger();
    Loop loop =
        supervisor.loopOnPlatformThread(
            "test",
            LONG,
            () -> {
              begun.countDown();
              Thread.sleep(200);
              finished.incrementAndGet();
            });
    begun.await();
    loop.end(Duration.ofSeconds(10));
    assertThat(finished).hasValue(1);
  }
}
