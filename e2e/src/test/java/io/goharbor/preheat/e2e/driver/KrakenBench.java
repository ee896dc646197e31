package io.goharbor.preheat.e2e.driver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSimulator;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A registry, a Kraken that pulls from it, and drivers for that Kraken. */
final class KrakenBench implements AutoCloseable {
  final TinyRegistry registry;
  final KrakenSimulator kraken;

  /** The time that drivers opened from now on go by. */
  InstantSource clock = InstantSource.system();

  private final HttpClients clients = new HttpClients();
  private final List<P2PDriver> drivers = new ArrayList<>();

  KrakenBench(UnaryOperator<KrakenSetup> setup) {
    this(new TinyRegistry(), setup);
  }

  KrakenBench(TinyRegistry registry, UnaryOperator<KrakenSetup> setup) {
    this.registry = registry;
    this.kraken =
        new KrakenSimulator(
            setup.apply(KrakenSetup.current(registry.server().url())), InstantSource.system());
  }

  /** A driver that knows the origins too. */
  P2PDriver driver() {
    return driver(kraken.proxyUrl(), kraken.originUrl(), null);
  }

  /** A driver that knows the proxy only. */
  P2PDriver blindDriver() {
    return driver(kraken.proxyUrl(), null, null);
  }

  /** A driver that knows the origins only. */
  P2PDriver originsDriver() {
    return driver(null, kraken.originUrl(), null);
  }

  P2PDriver driver(
      @Nullable String proxyUrl, @Nullable String originUrl, @Nullable String template) {
    return driver(proxyUrl, originUrl, template, new Credential.None(), TlsSettings.SYSTEM, "5s");
  }

  P2PDriver driver(
      @Nullable String proxyUrl,
      @Nullable String originUrl,
      @Nullable String template,
      Credential credential,
      TlsSettings tls,
      String probeTimeout) {
    P2PProviderSpec spec =
        P2PProviderSpecBuilder.builder()
            .type(P2PProviderSpec.Type.KRAKEN)
            .kraken(new P2PProviderSpec.Kraken(proxyUrl, originUrl, template))
            .limits(new P2PProviderSpec.Limits(null, 1000))
            .healthCheck(new P2PProviderSpec.HealthCheck(null, probeTimeout))
            .build();
    P2PDriver driver =
        factory().open(new DriverSettings("default/kraken", spec, credential, tls, clients, clock));
    drivers.add(driver);
    return driver;
  }

  private static P2PDriverFactory factory() {
    return ServiceLoader.load(P2PDriverFactory.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(factory -> factory.type() == P2PProviderSpec.Type.KRAKEN)
        .findFirst()
        .orElseThrow();
  }

  /** Images in repositories of their own that share some layers and have one each of their own. */
  List<ImageManifest> sharing(int images, int shared) {
    List<byte[]> common = new ArrayList<>();
    Random random = new Random(4711);
    for (int i = 0; i < shared; i++) {
      common.add(new byte[4000 + i]);
      random.nextBytes(common.getLast());
    }
    List<ImageManifest> all = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      List<byte[]> layers = new ArrayList<>(common);
      layers.add(("own " + i).getBytes(UTF_8));
      all.add(registry.push("shop", "app-" + i, TinyRegistry.OCI, i, layers));
    }
    return all;
  }

  ImageManifest image(String repository, long seed) {
    return registry.push("shop", repository, TinyRegistry.OCI, seed, 3000, 2000, 1000);
  }

  private static final AtomicInteger ORDERS = new AtomicInteger();

  static PreheatOrder order(ImageManifest manifest) {
    return order(manifest, Target.DEFAULT);
  }

  static PreheatOrder order(ImageManifest manifest, Target target) {
    return new PreheatOrder(
        "hpo-" + ORDERS.incrementAndGet(),
        manifest,
        "1.0",
        null,
        target,
        Duration.ofMinutes(10),
        () -> {
          throw new AssertionError("Kraken takes no credentials");
        });
  }

  /** The digests of a manifest and of all that it names. */
  static List<String> digests(ImageManifest manifest) {
    List<String> all = new ArrayList<>(List.of(manifest.digest()));
    manifest.blobs().forEach(blob -> all.add(blob.digest()));
    return all;
  }

  /** Sends an order that must be taken. */
  static RunningJob send(P2PDriver driver, ImageManifest manifest) {
    PreheatOrder order = order(manifest);
    if (driver.submit(order) instanceof Submission.Accepted accepted) {
      return new RunningJob(accepted.jobId(), order, InstantSource.system().instant());
    }
    throw new AssertionError("not accepted");
  }

  static Observation look(P2PDriver driver, RunningJob job) {
    return Objects.requireNonNull(driver.observe(List.of(job)).get(job.jobId()));
  }

  /** Looks until something else than progress shows. */
  static Observation outcome(P2PDriver driver, RunningJob job) {
    AtomicReference<@Nullable Observation> last = new AtomicReference<>();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          last.set(look(driver, job));
          return !(last.get() instanceof Observation.InProgress);
        });
    return Objects.requireNonNull(last.get());
  }

  void awaitWarm(ImageManifest manifest) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> digests(manifest).stream().allMatch(kraken::warm));
  }

  /** Lets matching requests go wrong at every origin. */
  void atOrigins(Predicate<Ask> when, Fault fault) {
    for (int i = 0; i < kraken.origins(); i++) {
      kraken.origin(i).faults().always(when, fault);
    }
  }

  /** What was asked at all origins. */
  List<Ask> asked(Predicate<Ask> which) {
    List<Ask> all = new ArrayList<>();
    for (int i = 0; i < kraken.origins(); i++) {
      all.addAll(kraken.origin(i).log(which));
    }
    return all;
  }

  void clearLogs() {
    for (int i = 0; i < kraken.origins(); i++) {
      kraken.origin(i).clearLog();
    }
    kraken.proxy().clearLog();
  }

  @Override
  public void close() {
    drivers.forEach(P2PDriver::close);
    kraken.close();
    registry.close();
  }
}
