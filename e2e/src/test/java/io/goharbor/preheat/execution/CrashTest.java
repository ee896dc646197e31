package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.e2e.sim.dragonfly.DragonflySimulator.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Whatever moment the operator is killed at, no task ever has two live jobs, and every task ends.
 * The run is the real one but for the API server, against simulators over HTTP, on a clock that
 * goes two hundred times as fast.
 */
@Isolated("its clock runs two hundred times as fast as the machine")
class CrashTest {
  private static final int AT_ONCE = 6;

  @Test
  void a_run_that_is_left_alone_ends_well() throws Exception {
    try (CrashWorld world = new CrashWorld()) {
      world.run(new CrashWorld.Kills(Set.of(), false));

      assertSound(world, "undisturbed");
      assertThat(world.status().taskList())
          .extracting(TaskStatus::state)
          .containsOnly(TaskState.SUCCEEDED);
    }
  }

  @Test
  void a_kill_at_every_single_point_leaves_one_live_job_a_task() throws Exception {
    int points;
    try (CrashWorld world = new CrashWorld()) {
      points = world.run(new CrashWorld.Kills(Set.of(), false));
    }
    assertThat(points).as("points at which a run can be killed").isGreaterThan(10);
    List<CrashWorld.Kills> all = new ArrayList<>();
    for (int point = 1; point <= points; point++) {
      all.add(new CrashWorld.Kills(Set.of(point), false));
    }
    runAll(all);
  }

  @Test
  void many_kills_and_lost_answers_at_random() throws Exception {
    List<CrashWorld.Kills> all = new ArrayList<>();
    for (long seed = 1; seed <= 12; seed++) {
      Random random = new Random(seed);
      Set<Integer> points = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        points.add(1 + random.nextInt(40));
      }
      all.add(new CrashWorld.Kills(points, seed % 2 == 0));
    }
    runAll(all);
  }

  @Test
  void two_operators_that_both_believe_to_lead_send_nothing_twice() throws Exception {
    for (int i = 0; i < 3; i++) {
      try (CrashWorld world = new CrashWorld()) {
        world.runTwice();

        assertSound(world, "two leaders");
      }
    }
  }

  private static void runAll(List<CrashWorld.Kills> all) throws Exception {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      List<Future<?>> runs = new ArrayList<>();
      for (CrashWorld.Kills kills : all) {
        runs.add(
            threads.submit(() -> {
              try (CrashWorld world = new CrashWorld()) {
                world.run(kills);
                assertSound(world, kills.toString());
              }
              return null;
            }));
      }
      for (Future<?> run : runs) {
        try {
          run.get();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof AssertionError failed) {
            throw failed;
          }
          throw e;
        }
      }
    }
  }

  private static void assertSound(CrashWorld world, String what) {
    PreheatExecutionStatus status = world.status();
    assertThat(status.effectivePhase().terminal()).as("%s: %s", what, status).isTrue();
    assertThat(status.taskList())
        .as("%s: every task ends", what)
        .allSatisfy(task -> assertThat(task.state().terminal()).isTrue());
    PreheatExecutionStatus.Summary summary = status.summary();
    assertThat(summary).isNotNull();
    if (summary != null) {
      assertThat(summary.succeeded() + summary.failed())
          .as("%s: counts add up", what)
          .isEqualTo(summary.tasks());
    }
    Map<String, List<Span>> byTask = new HashMap<>();
    Set<String> keys = new HashSet<>();
    for (Span span : world.dragonfly().spans()) {
      assertThat(keys.add(span.bio()))
          .as("%s: the attempt %s was sent once", what, span.bio())
          .isTrue();
      byTask.computeIfAbsent(task(span.bio()), key -> new ArrayList<>()).add(span);
    }
    byTask.forEach((task, spans) -> {
      for (int i = 1; i < spans.size(); i++) {
        assertThat(spans.get(i).from())
            .as("%s: task %s has one live job at a time: %s", what, task, spans)
            .isAfterOrEqualTo(spans.get(i - 1).to());
      }
    });
  }

  /** The task of a job's key, which is hpo-execution-task-attempt/cluster. */
  private static String task(String bio) {
    return bio.split("-", -1)[2];
  }
}
