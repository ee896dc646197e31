package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.http.RemoteCallException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads many jobs in few requests. A Manager lists jobs by age, the newest first, and jobs that are
 * due for a look were created together, so one page of the list holds many of them; where it does
 * not, they are read one by one.
 *
 * <p>What a list of all that is PENDING would cost instead, and why it is not used, is in the
 * decision record on observing jobs.
 *
 * <p>Pages are never asked for twice in the same form: a replica answers a query from memory for 30
 * s (dragonfly {@code manager/database/cacher.go}), and with another page size it is another query.
 */
final class JobReader {
  /** What is known of a job after reading. */
  sealed interface Read {
    /** The Manager's record. */
    record Found(Job job) implements Read {}

    /** The Manager has no such job. */
    record Gone() implements Read {}

    /** It could not be asked. */
    record Failed(RemoteCallException why) implements Read {}
  }

  /**
   * Ids that go on one page: less than a page, so that it need not begin exactly with the first.
   */
  private static final int GROUP = 25;

  /** Fewer jobs are not worth a page. */
  private static final int FEW = 3;

  private static final int CALLS_AT_ONCE = 8;

  /** A page of more is long to wait for; results of large clusters are megabytes each. */
  private static final long PAGE_BYTES = 8L * 1024 * 1024;

  private static final int SMALLEST_PAGE = DragonflyManager.PAGE / 2;

  private final DragonflyManager manager;
  // Newest id that was seen, and how many rows less than ids there are between it and older jobs.
  private final AtomicLong newest = new AtomicLong();
  private final AtomicLong skew = new AtomicLong();
  private volatile long rowBytes = 2048;
  private final AtomicInteger turn = new AtomicInteger();

  JobReader(DragonflyManager manager) {
    this.manager = manager;
  }

  /** A job was created. */
  void created(long id) {
    newest.accumulateAndGet(id, Math::max);
  }

  /** Reads jobs of type preheat. */
  Map<Long, Read> read(Collection<Long> ids) {
    Map<Long, Read> found = new HashMap<>();
    List<Long> single = new ArrayList<>();
    for (List<Long> group : groups(ids)) {
      if (group.size() < FEW || pageRows() < SMALLEST_PAGE) {
        single.addAll(group);
        continue;
      }
      readPage(group, found);
      group.stream().filter(id -> !found.containsKey(id)).forEach(single::add);
    }
    readEach(single, found);
    return found;
  }

  /** Ids, the newest first, in groups that may fit on one page. */
  private static List<List<Long>> groups(Collection<Long> ids) {
    List<List<Long>> groups = new ArrayList<>();
    List<Long> group = new ArrayList<>();
    for (long id : ids.stream().distinct().sorted(Comparator.reverseOrder()).toList()) {
      if (!group.isEmpty() && group.getFirst() - id >= GROUP) {
        groups.add(group);
        group = new ArrayList<>();
      }
      group.add(id);
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }

  private void readPage(List<Long> group, Map<Long, Read> found) {
    // The first try goes by the ids, the second by what the first page showed.
    for (int attempt = 0; attempt < 2; attempt++) {
      long first = Math.max(0, newest.get() - group.getFirst() - skew.get());
      Window window =
          Window.around(first, first + group.getFirst() - group.getLast(), turn.getAndIncrement());
      List<Job> jobs;
      try {
        DragonflyManager.Page<Job> page = manager.jobs(window.page(), window.size());
        jobs = page.rows();
        measure(page.bytes(), jobs.size());
      } catch (RemoteCallException e) {
        if (DragonflyManager.tooLong(e)) {
          rowBytes = PAGE_BYTES;
        } else if (e.status() == 0 || e.status() == 429 || e.status() >= 500) {
          // Each of them would fare the same now.
          group.forEach(id -> found.putIfAbsent(id, new Read.Failed(e)));
        }
        return;
      }
      NavigableSet<Long> wanted = new TreeSet<>(group);
      for (Job job : jobs) {
        created(job.id());
        if (wanted.remove(job.id())) {
          found.put(job.id(), new Read.Found(job));
        }
      }
      if (wanted.isEmpty() || !corrected(jobs, window, wanted)) {
        return;
      }
    }
  }

  /** Learns from a page that missed; false when nothing is to be learned. */
  private boolean corrected(List<Job> jobs, Window window, NavigableSet<Long> wanted) {
    if (jobs.isEmpty()) {
      skew.addAndGet(DragonflyManager.PAGE);
      return true;
    }
    long top = jobs.getFirst().id();
    long bottom = jobs.getLast().id();
    boolean inside = wanted.first() >= bottom && wanted.last() <= top;
    // Row "offset" has the id "top", so this many ids have no row, or rows of others came before.
    long offset = (long) (window.page() - 1) * window.size();
    skew.set(newest.get() - top - offset);
    return !inside;
  }

  private int pageRows() {
    return (int) Math.min(DragonflyManager.PAGE, PAGE_BYTES / Math.max(1, rowBytes));
  }

  private void measure(int bytes, int rows) {
    if (rows > 0) {
      rowBytes = (3 * rowBytes + bytes / rows) / 4;
    }
  }

  private void readEach(List<Long> ids, Map<Long, Read> found) {
    if (ids.isEmpty()) {
      return;
    }
    try (ExecutorService threads =
        Executors.newFixedThreadPool(CALLS_AT_ONCE, Thread.ofVirtual().factory())) {
      Map<Long, Future<Read>> looks = new HashMap<>();
      ids.forEach(id -> looks.put(id, threads.submit(() -> readOne(id))));
      for (Map.Entry<Long, Future<Read>> look : looks.entrySet()) {
        found.put(look.getKey(), look.getValue().get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a look at a job failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Read readOne(long id) {
    try {
      DragonflyManager.Page<Job> page = manager.job(id);
      measure(page.bytes(), 1);
      return new Read.Found(page.rows().getFirst());
    } catch (RemoteCallException e) {
      // Any other 404 is one of something in between, such as an ingress without its route.
      return e.status() == 404 && e.said().contains("record not found")
          ? new Read.Gone()
          : new Read.Failed(e);
    }
  }

  /**
   * A page of a list.
   *
   * @param page counted from 1
   * @param size rows on a page
   */
  record Window(int page, int size) {
    /**
     * A page that holds the rows from first to last, if any can, with a row to spare on either side
     * where possible; which of the sizes that do is taken, changes from turn to turn.
     */
    static Window around(long first, long last, int turn) {
      List<Window> fit = new ArrayList<>();
      for (int spare = 2; spare >= 0 && fit.isEmpty(); spare--) {
        long from = Math.max(0, first - spare);
        long to = last + spare;
        for (int size = SMALLEST_PAGE / 2; size <= DragonflyManager.PAGE; size++) {
          if (from / size == to / size) {
            fit.add(new Window((int) (from / size) + 1, size));
          }
        }
      }
      return fit.isEmpty()
          ? new Window((int) (first / DragonflyManager.PAGE) + 1, DragonflyManager.PAGE)
          : fit.get(Math.floorMod(turn, fit.size()));
    }
  }
}
