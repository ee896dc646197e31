package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Many jobs are read in few requests, whatever else the Manager's list holds. */
class DragonflyPagesTest extends DragonflyBench {
  @Test
  void a_hundred_jobs_take_a_few_pages() {
    List<Long> ids = seed(100);

    assertThat(look(driver(), ids)).hasSize(100).allSatisfy(this::warm);

    assertThat(reads()).isLessThanOrEqualTo(6);
  }

  @Test
  void jobs_of_others_among_ours_cost_a_page_more_and_no_job() {
    P2PDriver driver = driver();
    List<Long> ours = seed(60);
    look(driver, ours);
    seed(500);
    dragonfly.server().clearLog();

    assertThat(look(driver, ours)).hasSize(60).allSatisfy(this::warm);

    assertThat(reads()).isLessThan(25);
    dragonfly.server().clearLog();
    look(driver, ours);
    assertThat(reads()).as("once it knows how far back they are").isLessThanOrEqualTo(6);
  }

  @Test
  void rows_that_are_gone_are_told_as_such_and_the_others_found() {
    List<Long> ids = seed(60);
    P2PDriver driver = driver();
    for (long id : ids.subList(10, 30)) {
      driver.cancel(new RunningJob(Long.toString(id), order("seed"), Instant.now()));
    }

    Map<String, Observation> seen = look(driver, ids);

    for (long id : ids) {
      boolean gone = ids.indexOf(id) >= 10 && ids.indexOf(id) < 30;
      assertThat(seen.get(Long.toString(id)))
          .isInstanceOf(gone ? Observation.OutcomeUnknown.class : Observation.Finished.class);
    }
  }

  @Test
  void a_list_that_fails_is_no_answer_and_a_list_that_is_refused_is_done_without() {
    List<Long> ids = seed(20);
    dragonfly.server().faults().next(1, this::list, Fault.status(500, "database"));
    assertThat(look(driver(), ids).values()).allMatch(seen -> seen instanceof Observation.NoAnswer);

    dragonfly.server().faults().always(this::list, Fault.status(422, "{\"errors\":\"per_page\"}"));
    assertThat(look(driver(), ids)).allSatisfy(this::warm);
  }

  @Test
  void what_a_replica_remembers_is_seldom_asked_for_again() {
    dragonfly.replicas(1);
    List<Long> ids = seed(12);
    P2PDriver driver = driver();
    for (int i = 0; i < 5; i++) {
      look(driver, ids);
    }

    assertThat(dragonfly.server().log(this::list).stream().map(Object::toString).distinct())
        .hasSizeGreaterThanOrEqualTo(5);
  }

  private List<Long> seed(int count) {
    return dragonfly.seed(
        Collections.nCopies(count, Duration.ZERO),
        image.manifestUrl(),
        image.blobs().stream().map(ImageManifest.Blob::digest).toList());
  }

  private Map<String, Observation> look(P2PDriver driver, List<Long> ids) {
    return driver.observe(
        ids.stream()
            .map(id -> new RunningJob(Long.toString(id), order("seed"), Instant.now()))
            .toList());
  }

  private void warm(String id, Observation seen) {
    assertThat(warmPercent(seen)).as(id).isEqualTo(100);
  }

  private long reads() {
    return dragonfly.server().log().stream().filter(ask -> ask.method().equals("GET")).count();
  }

  private boolean list(io.goharbor.preheat.e2e.sim.Ask ask) {
    return ask.method().equals("GET") && ask.rawPath().equals("/oapi/v1/jobs");
  }
}
