package io.goharbor.preheat.e2e.bench;

import static java.util.Objects.requireNonNull;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.e2e.world.TcpProxy;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Two replicas as a Deployment runs them, while networks, the API server, Harbor, a provider and
 * the replicas themselves fail one after the other and images are pushed.
 */
final class Outages implements Bench.Benchmark {
  /** What fails. */
  enum Kind {
    REFUSE,
    FREEZE,
    SLOW_WRITES,
    UNAVAILABLE,
    KILL_API_SERVER,
    KILL_REPLICA,
    KILL_HARBOR,
    KILL_PROVIDER
  }

  /**
   * How much of it.
   *
   * @param pause from the end of one to the next
   * @param probes period of the liveness probes
   * @param lease settings of the election; empty: the defaults
   */
  record Size(
      int outages,
      Duration shortest,
      Duration longest,
      Duration pause,
      Duration probes,
      Map<String, String> lease,
      long seed) {}

  private static final Size USUAL =
      new Size(
          24,
          Duration.ofSeconds(5),
          Duration.ofSeconds(90),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Map.of(),
          1);

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration LIMIT = Duration.ofMinutes(20);

  @Override
  public String name() {
    return "outages";
  }

  @Override
  public String about() {
    return "Two replicas while everything around them fails in turn, for 5 to 90 s each time"
        + " (./bench outages OUTAGES SEED)";
  }

  @Override
  public Map<String, Number> run(Path root) throws Exception {
    return run(root, List.of());
  }

  @Override
  public Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
    Size size =
        new Size(
            sizes.isEmpty() ? USUAL.outages() : sizes.get(0),
            USUAL.shortest(),
            USUAL.longest(),
            USUAL.pause(),
            USUAL.probes(),
            USUAL.lease(),
            sizes.size() < 2 ? USUAL.seed() : sizes.get(1));
    Path scratch = root.resolve("e2e/target/bench");
    FaultyApi api = api(scratch);
    try (World world = new World(root, scratch, api.kube())) {
      System.out.println(api.kube().describe());
      return new Run(world, api, scratch, size).run();
    }
  }

  /** A real one where {@code KUBEBUILDER_ASSETS} names it. */
  private static FaultyApi api(Path scratch) throws IOException, InterruptedException {
    Optional<Path> assets = RealKube.assets();
    return assets.isPresent()
        ? new RealApi(
            RealKube.start(
                assets.get(),
                // Data of an earlier run would be in the way.
                Files.createTempDirectory(Files.createDirectories(scratch), "kube"),
                Duration.ofMinutes(2)))
        : new EmbeddedApi(EmbeddedKube.start());
  }

  /** One run, in a world in which nothing is started yet. */
  static final class Run {
    private final World world;
    private final FaultyApi api;
    private final Size size;
    private final Random random;
    private final List<TcpProxy> networks;
    private final List<Kubelet> replicas;
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private volatile boolean apiServerWell = true;
    private volatile boolean over;

    Run(World world, FaultyApi api, Path scratch, Size size) throws Exception {
      this.world = world;
      this.api = api;
      this.size = size;
      this.random = new Random(size.seed());
      networks = List.of(new TcpProxy(api.port()), new TcpProxy(api.port()));
      replicas = List.of(replica("a", 0, scratch), replica("b", 1, scratch));
    }

    private Kubelet replica(String name, int network, Path scratch) throws Exception {
      String config = api.kubeconfig(name, networks.get(network).port());
      Path kubeconfig = Files.writeString(scratch.resolve("kubeconfig-" + name), config);
      Path log = scratch.resolve("replica-" + name + ".log");
      Files.deleteIfExists(log);
      Kubelet kubelet = new Kubelet(name, kubeconfig, log, size.probes());
      size.lease().forEach(kubelet.process()::with);
      return kubelet;
    }

    Map<String, Number> run() throws Exception {
      LedgerBook ledger = new LedgerBook();
      LeaderBook leaders = new LeaderBook(replicas);
      Ledger.simulators(world);
      world.harbor().webhookJobs().onEnd(ledger::delivered);
      recordSenders(leaders, world.harbor().server(), "Harbor");
      recordSenders(leaders, world.kraken().origin(0), "Kraken");
      Map<String, Number> figures = new LinkedHashMap<>();
      try (TcpProxy service = new TcpProxy(this::readyPort);
          AutoCloseable executions = api.executions(ledger::changed);
          AutoCloseable leases = api.leases(leaders)) {
        requireNonNull(executions);
        requireNonNull(leases);
        replicas.forEach(Kubelet::start);
        for (Kubelet replica : replicas) {
          replica.process().awaitReady(START);
        }
        Ledger.objects(world);
        Ledger.patch(
            world,
            HarborRegistry.class,
            "main",
            "{\"spec\":{\"webhook\":{\"registration\":{\"address\":\"http://127.0.0.1:"
                + service.port()
                + "\"}}}}");
        Ledger.awaitWebhooks(world);
        Thread watching = leaders.watch(() -> apiServerWell);
        Thread pushing = Thread.ofPlatform().name("pushes").start(() -> push(ledger));
        List<Kind> kinds = List.of(Kind.values());
        for (int i = 0; i < size.outages(); i++) {
          Thread.sleep(size.pause());
          Kind kind = kinds.get(i % kinds.size());
          long span = size.longest().minus(size.shortest()).toMillis();
          fail(leaders, kind, size.shortest().plusMillis(span == 0 ? 0 : random.nextLong(span)));
          counts.merge(kind, 1, Integer::sum);
        }
        over = true;
        pushing.join();
        Instant end = Instant.now();
        while ((world.harbor().webhookJobs().underWay() > 0
                || !ledger.allWarm(digest -> world.kraken().warm(digest)))
            && Instant.now().isBefore(end.plus(LIMIT))) {
          Thread.sleep(500);
        }
        figures.put("seconds until all was warm", Duration.between(end, Instant.now()).toSeconds());
        watching.interrupt();
        watching.join();
        figures.put("processes that needed a person", needy());
      } finally {
        for (Kubelet replica : replicas) {
          replica.close();
        }
        for (TcpProxy network : networks) {
          network.close();
        }
      }
      figures.put("longest outage, seconds", size.longest().toSeconds());
      counts.forEach(
          (kind, count) -> figures.put("outages: " + kind.name().toLowerCase(Locale.ROOT), count));
      figures.put("restarts", replicas.stream().mapToInt(Kubelet::restarts).sum());
      figures.put("  by liveness", replicas.stream().mapToInt(Kubelet::unlively).sum());
      api.writes(leaders);
      figures.putAll(leaders.entries());
      figures.putAll(ledger.entries(digest -> world.kraken().warm(digest)));
      return figures;
    }

    private static void recordSenders(LeaderBook leaders, SimServer server, String name) {
      server.onRequest(from -> leaders.sent(from, server.port(), name));
    }

    private int readyPort() {
      Kubelet to = replicas.stream().filter(Kubelet::ready).findAny().orElseGet(replicas::getFirst);
      return URI.create(to.process().webhookUrl()).getPort();
    }

    private void push(LedgerBook ledger) {
      try {
        for (int i = 0; !over; i++) {
          Ledger.push(
              world, ledger, new Ledger.Size(10, 5, Duration.ZERO, size.seed() + i), i * 10);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void fail(LeaderBook leaders, Kind kind, Duration time) throws Exception {
      Kubelet leader = leaders.leader();
      TcpProxy network = networks.get(replicas.indexOf(leader));
      System.out.println(kind + " of " + leader.name() + " for " + time.toMillis() + " ms");
      switch (kind) {
        case REFUSE -> {
          network.refuse();
          Thread.sleep(time);
          network.accept();
        }
        case FREEZE -> {
          network.freeze();
          Thread.sleep(time);
          network.thaw();
        }
        case SLOW_WRITES -> {
          apiServerWell = false;
          api.slowWrites(true);
          Thread.sleep(time);
          api.slowWrites(false);
          apiServerWell = true;
        }
        case UNAVAILABLE -> {
          apiServerWell = false;
          api.unavailable(true);
          Thread.sleep(time);
          api.unavailable(false);
          apiServerWell = true;
        }
        case KILL_API_SERVER -> {
          apiServerWell = false;
          api.kill();
          Thread.sleep(time);
          api.revive();
          apiServerWell = true;
        }
        case KILL_REPLICA -> leader.process().kill();
        case KILL_HARBOR -> {
          world.harbor().server().stop();
          Thread.sleep(time);
          world.harbor().server().start();
        }
        case KILL_PROVIDER -> {
          world.kraken().origin(0).stop();
          Thread.sleep(time);
          world.kraken().origin(0).start();
        }
      }
    }

    private int needy() throws InterruptedException {
      int needy = 0;
      for (Kubelet replica : replicas) {
        try {
          replica.process().awaitReady(START);
        } catch (IllegalStateException e) {
          needy++;
        }
      }
      return needy;
    }
  }
}
