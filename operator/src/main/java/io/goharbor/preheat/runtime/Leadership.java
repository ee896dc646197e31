package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.http.SendGate;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this replica may act, from its start to its end. */
final class Leadership {
  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  /** What a leader sent is answered before the next one begins. */
  private static final Duration ANSWERS = Duration.ofSeconds(2);

  private final OperatorConfig config;
  private final Supervisor supervisor;
  private final InstantSource clock;
  private final SendGate gate = new SendGate(this::leads);
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile @Nullable LeaderElection election;
  private volatile boolean ended;

  Leadership(OperatorConfig config, Supervisor supervisor, InstantSource clock) {
    this.config = config;
    this.supervisor = supervisor;
    this.clock = clock;
  }

  /** What only the leader sends passes here. */
  SendGate gate() {
    return gate;
  }

  /** Whether this replica may act now. */
  boolean leads() {
    LeaderElection current = election;
    return current == null ? begun.getCount() == 0 : current.leads();
  }

  /** Why this replica cannot take part in the election, as a sentence; empty: it can. */
  Optional<String> trouble() {
    LeaderElection current = election;
    return current == null ? Optional.empty() : current.trouble();
  }

  /**
   * Takes part in the election, or leads at once where there is none.
   *
   * @param client for the Lease alone
   */
  void start(KubernetesClient client) {
    if (config.leaderElection().enabled()) {
      LeaderElection made =
          new LeaderElection(
              client, identity(), config, supervisor, clock, this::begin, this::lost);
      election = made;
      made.start();
    } else {
      begin();
    }
  }

  private void begin() {
    begun.countDown();
    log.info("This replica leads");
  }

  /**
   * Waits until this replica leads.
   *
   * @return false when it came to its end first
   */
  boolean await() throws InterruptedException {
    begun.await();
    return !ended;
  }

  /** No longer allowed to act, the process ends without any more ado. */
  private void lost() {
    if (ended) {
      return;
    }
    // A log that hangs must not keep it.
    Thread telling =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                log.error("The lease was lost; this replica ends at once so that no two lead"));
    try {
      telling.join(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  /** No one who waits for leadership gets it any more. */
  void end() {
    ended = true;
    begun.countDown();
  }

  /** Frees the Lease when what was sent is answered; else it runs out. */
  void giveUp() {
    LeaderElection current = election;
    if (current == null) {
      return;
    }
    current.resign();
    long until = System.nanoTime() + ANSWERS.toNanos();
    try {
      while (gate.underWay() > 0 && System.nanoTime() - until < 0) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (gate.underWay() == 0) {
      current.release();
    } else {
      current.close();
    }
  }

  /** Two processes of one pod or host are two. */
  private static String identity() {
    String host = System.getenv("HOSTNAME");
    return (host == null || host.isBlank() ? "harbor-preheat-operator" : host)
        + "_"
        + UUID.randomUUID();
  }
}
