package io.goharbor.preheat.e2e.sim.kraken;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the servers of one cluster share: the ring, the way to the registry, the troubles. */
final class KrakenCluster implements AutoCloseable {
  private final KrakenSetup setup;
  private final HashRing ring;
  private final RegistryBackend backend;
  private final List<SimOrigin> origins;
  private final ExecutorService downloads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> downloadFaults = new ConcurrentHashMap<>();
  private final Map<String, Integer> begun = new ConcurrentHashMap<>();
  private final Set<Integer> brokenReplication = ConcurrentHashMap.newKeySet();
  private volatile long bytesPerSecond;
  private volatile boolean busy;
  private volatile boolean lying;

  KrakenCluster(KrakenSetup setup, InstantSource clock) {
    this.setup = setup;
    this.ring = new HashRing(setup.origins(), setup.maxReplica());
    this.backend = new RegistryBackend(setup);
    this.origins =
        IntStream.range(0, setup.origins())
            .mapToObj(index -> new SimOrigin(index, this, clock))
            .toList();
  }

  /** A server as all of Kraken's are: an unknown path gets the router's own words. */
  static SimServer server(String name, InstantSource clock, KrakenSetup setup) {
    return new SimServer(name, clock, setup.tls(), 0)
        .fallback(ask -> {
          Answer barred = barred(ask, setup);
          return barred == null ? Answer.text(404, "404 page not found\n") : barred;
        });
  }

  /** With TLS, nginx lets only GET and HEAD pass without a client certificate. */
  static @Nullable Answer barred(Ask ask, KrakenSetup setup) {
    boolean reads = ask.method().equals("GET") || ask.method().equals("HEAD");
    return setup.tls() != null && !reads && !ask.clientCertificate()
        ? Answer.text(403, "<html><head><title>403 Forbidden</title></head></html>")
        : null;
  }

  KrakenSetup setup() {
    return setup;
  }

  RegistryBackend backend() {
    return backend;
  }

  HashRing ring() {
    return ring;
  }

  List<SimOrigin> origins() {
    return origins;
  }

  /** The owner that a client inside Kraken would turn to. */
  SimOrigin owner(String digest) {
    List<Integer> owners = ring.owners(digest);
    return owners.stream()
        .map(origins::get)
        .filter(origin -> origin.server().running())
        .findFirst()
        .orElse(origins.get(owners.getFirst()));
  }

  List<String> locations(String digest) {
    return ring.owners(digest).stream()
        .map(index -> "127.0.0.1:" + origins.get(index).server().port())
        .toList();
  }

  void replicate(int from, String digest, RegistryBackend.Fetched blob) {
    for (int owner : ring.owners(digest)) {
      if (owner != from) {
        origins.get(owner).take(digest, blob);
      }
    }
  }

  void begun(String digest) {
    begun.merge(digest, 1, Integer::sum);
  }

  Map<String, Integer> begun() {
    return begun;
  }

  void inBackground(Runnable work) {
    downloads.execute(work);
  }

  void takeTimeFor(long bytes) throws InterruptedException, IOException {
    long speed = bytesPerSecond;
    if (speed > 0) {
      long takes = bytes * 1000 / speed;
      long limit = setup.backendTimeout().toMillis();
      Thread.sleep(Math.min(takes, limit));
      if (takes > limit) {
        throw new IOException(
            "download blob: context deadline exceeded (Client.Timeout or context cancellation while"
                + " reading body)");
      }
    }
  }

  @Nullable String downloadFault(String digest) {
    return downloadFaults.get(digest);
  }

  Map<String, String> downloadFaults() {
    return downloadFaults;
  }

  boolean replicationBroken(int index) {
    return brokenReplication.contains(index);
  }

  Set<Integer> brokenReplication() {
    return brokenReplication;
  }

  void speed(long bytes) {
    bytesPerSecond = bytes;
  }

  boolean busy() {
    return busy;
  }

  void busy(boolean is) {
    busy = is;
  }

  boolean lying() {
    return lying;
  }

  void lying(boolean is) {
    lying = is;
  }

  @Override
  public void close() {
    origins.forEach(origin -> origin.server().close());
    downloads.shutdownNow();
  }
}
