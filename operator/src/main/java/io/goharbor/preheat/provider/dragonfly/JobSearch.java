package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks through a Manager's jobs for those with a key of ours; it cannot filter by it itself. */
final class JobSearch {
  /**
   * A row is swept away 6 to 9 hours after its creation, unless the Manager is set up otherwise.
   */
  private static final Duration HORIZON = Duration.ofHours(12);

  /** Ten a second for all of that time, which is what a Manager takes from one caller. */
  private static final int MOST_PAGES = 10_000;

  private final DragonflyManager manager;
  private final InstantSource clock;

  JobSearch(DragonflyManager manager, InstantSource clock) {
    this.manager = manager;
    this.clock = clock;
  }

  /** The newest job of each key that is found. */
  Map<String, Long> find(Set<String> keys) throws RemoteCallException {
    Instant oldest = clock.instant().minus(HORIZON);
    Map<String, Long> found = new HashMap<>();
    int size = DragonflyManager.PAGE;
    int page = 1;
    List<Job> before = List.of();
    for (int asked = 0; asked < MOST_PAGES; asked++) {
      List<Job> jobs;
      try {
        jobs = manager.jobs(page, size).rows();
      } catch (RemoteCallException e) {
        if (!DragonflyManager.tooLong(e) || size == 1) {
          throw e;
        }
        // Rows of large clusters hold megabytes of results.
        page = (page - 1) * size + 1;
        size = 1;
        continue;
      }
      if (!jobs.isEmpty() && jobs.equals(before)) {
        throw endless("answers each page of its jobs with the same jobs");
      }
      before = jobs;
      for (Job job : jobs) {
        String key = Bio.parse(job.bio()).key();
        if (keys.contains(key)) {
          found.putIfAbsent(key, job.id());
        }
      }
      boolean end =
          jobs.size() < size
              || jobs.getLast().created().map(created -> created.isBefore(oldest)).orElse(false);
      if (end || found.size() == keys.size()) {
        return found;
      }
      page++;
    }
    throw endless(
        "has more than "
            + MOST_PAGES
            + " pages of jobs of the last "
            + HORIZON.toHours()
            + " hours");
  }

  private RemoteCallException endless(String what) {
    return new RemoteCallException(
        FailureClass.RETRY,
        Reason.UNEXPECTED_ANSWER,
        200,
        manager.name() + " " + what + "; a job of unknown fate cannot be looked for there",
        null,
        true,
        null);
  }
}
