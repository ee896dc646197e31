package io.goharbor.preheat.e2e.sim.dragonfly;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The Manager's replicas: requests go to one after the other, and each remembers its queries. */
final class Replicas {
  private static final Duration LIFE = Duration.ofSeconds(30);

  private final InstantSource clock;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile List<QueryCache> caches = List.of();

  Replicas(InstantSource clock) {
    this.clock = clock;
  }

  /** How many there are; none: one that remembers nothing. */
  void count(int replicas) {
    caches = Stream.generate(QueryCache::new).limit(replicas).toList();
  }

  /** The replica that takes the next request. */
  int next() {
    int count = caches.size();
    return count == 0 ? 0 : Math.floorMod(turn.getAndIncrement(), count);
  }

  /** Something was written through a replica. */
  void written(int replica) {
    List<QueryCache> current = caches;
    if (replica < current.size()) {
      current.get(replica).clear();
    }
  }

  /** Answers a query as some replica does. */
  Answer query(Ask ask, JobTable jobs, Supplier<Answer> database) {
    int replica = next();
    List<QueryCache> current = caches;
    Answer answer =
        replica < current.size()
            ? current.get(replica).get(ask.toString(), clock.instant(), jobs.scaled(LIFE), database)
            : database.get();
    return answer.with("X-Server-IP", "10.0.2." + (10 + replica));
  }
}
