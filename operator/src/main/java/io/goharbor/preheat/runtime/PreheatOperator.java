package io.goharbor.preheat.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ExceptionHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.engine.Engine;
import io.goharbor.preheat.engine.ProviderReconciler;
import io.goharbor.preheat.execution.ExecutionItems;
import io.goharbor.preheat.execution.ExecutionLimits;
import io.goharbor.preheat.execution.ExecutionMetrics;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.execution.ExecutionStores;
import io.goharbor.preheat.execution.TaskOrders;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.ingest.EventBatcher;
import io.goharbor.preheat.ingest.EventMetrics;
import io.goharbor.preheat.ingest.ExecutionStore;
import io.goharbor.preheat.ingest.PolicyWatch;
import io.goharbor.preheat.ingest.ServerCertificate;
import io.goharbor.preheat.ingest.WebhookCredentialCache;
import io.goharbor.preheat.ingest.WebhookHandler;
import io.goharbor.preheat.ingest.WebhookServer;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Secrets;
import io.goharbor.preheat.kube.SlimItems;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.policy.Denials;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.PolicyCheck;
import io.goharbor.preheat.policy.PolicyReconciler;
import io.goharbor.preheat.registry.CatchUp;
import io.goharbor.preheat.registry.LastEvents;
import io.goharbor.preheat.registry.RegistryMetrics;
import io.goharbor.preheat.registry.RegistryReconciler;
import io.goharbor.preheat.supervision.Supervisor;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole house on one page: what there is, and who is given what. */
public final class PreheatOperator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PreheatOperator.class);

  private static final Duration FOREVER = Duration.ofDays(365);
  private static final Duration INTAKE = Duration.ofSeconds(10);

  private final Supervisor supervisor;
  private final Leadership leadership;
  private final KubernetesClients clients;
  private final Prerequisites prerequisites;
  private final Operator operator;
  private final Engine engine;
  private final EventBatcher batcher;
  private final WebhookCredentialCache credentials;
  private final @Nullable ServerCertificate certificate;
  private final WebhookServer webhook;
  private final ManagementServer management;
  private final ProcessMetrics processMetrics;
  private final CountDownLatch cachesFilled = new CountDownLatch(1);
  private final OperatorConfig.Reconcile work;
  private final PolicyWatch policyWatch = new PolicyWatch();
  private final List<SharedIndexInformer<PreheatPolicy>> policyInformers;
  private final Health health;

  /**
   * Builds the operator; nothing runs yet.
   *
   * @throws IOException when a port cannot be bound
   */
  public PreheatOperator(OperatorConfig config, Config kubernetes) throws IOException {
    work = config.reconcile();
    InstantSource clock = Clock.systemUTC();
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    // Tries never run out here, and each would be a series of its own.
    meters
        .config()
        .meterFilter(
            MeterFilter.ignoreTags(
                "reconciliations.retries.number", "reconciliations.retries.last"));
    supervisor = new Supervisor(new LoopMetrics(meters));
    leadership = new Leadership(config, supervisor, clock);
    clients = KubernetesClients.open(kubernetes, config, leadership.gate());
    KubernetesClient client = clients.main();
    prerequisites = new Prerequisites(clients.ingest(), config.namespaces());

    ResourceStore<HarborRegistry> registries = new ResourceStore<>();
    ResourceStore<P2PProvider> providers = new ResourceStore<>();
    ResourceStore<PreheatPolicy> policies = new ResourceStore<>();
    ResourceStore<PreheatExecution> executions = new ResourceStore<>();
    Redactor redactor = new Redactor(clock);
    LogSetup.redact(redactor);
    meters.config().meterFilter(new RedactedTags(redactor)).meterFilter(new SdkDescriptions());
    processMetrics = new ProcessMetrics(meters);
    Secrets secrets = new Secrets(client, redactor);
    NamespaceLabels namespaces = new NamespaceLabels(client);
    EventRecorder events = new EventRecorder(client, clock, redactor);
    StatusPatches statuses = new StatusPatches(redactor);
    FailedReconciles failures = new FailedReconciles(statuses, work.maxRetryDelay());
    Denials denials = new Denials(client, policies, events, clock);
    ExecutionCreation creation = new ExecutionCreation(client, denials);
    Wakeups wakeups = new Wakeups();
    HttpClients http =
        new HttpClients(
            new RequestMetrics(meters), config.httpLimits(), redactor, leadership.gate());
    HarborClients harbors = new HarborClients(http, secrets);
    TaskOrders orders =
        new TaskOrders(
            harbors,
            key -> registries.find(key).map(HarborRegistry::getSpec),
            executions::all,
            wakeups);
    engine = new Engine(orders, clock, supervisor);
    EventMetrics eventMetrics = new EventMetrics(meters);
    RegistryMetrics registryMetrics = new RegistryMetrics(meters);
    ExecutionMetrics executionMetrics = new ExecutionMetrics(meters);

    operator = new Operator(overrider -> configure(overrider, meters));
    register(
        config,
        new ProviderReconciler(
            engine,
            providers,
            secrets,
            http,
            events,
            statuses,
            failures,
            wakeups,
            config.limits().remote(),
            clock),
        new SlimItems<>());
    register(
        config,
        new RegistryReconciler(
            harbors,
            secrets,
            new CatchUp(client, policies, executions, creation),
            registries,
            events,
            statuses,
            failures,
            wakeups,
            registryMetrics,
            config.limits().remote(),
            config.limits().registriesPerNamespace(),
            clock),
        new SlimItems<>());
    register(
        config,
        new PolicyReconciler(
            new PolicyCheck(namespaces, engine),
            client,
            creation,
            policies,
            executions,
            events,
            statuses,
            failures,
            wakeups,
            clock,
            RandomGenerator.getDefault(),
            supervisor),
        new SlimItems<>());
    register(
        config,
        new ExecutionReconciler(
            new ExecutionStores(policies, registries, providers, executions, namespaces),
            orders,
            engine,
            wakeups,
            events,
            statuses,
            failures,
            executionMetrics,
            new ExecutionLimits(
                config.limits().executionsPerNamespace(),
                config.limits().registriesPerNamespace(),
                config.limits().remote()),
            clock,
            RandomGenerator.getDefault(),
            supervisor),
        new ExecutionItems());

    policyInformers = informers(config, policyWatch);
    health = new Health(supervisor, new Informers(operator, policyInformers), leadership);
    // Of a webhook that the cluster denies every replica tells, not the leader alone.
    Denials toldByAll =
        new Denials(
            clients.ingest(),
            policies,
            new EventRecorder(clients.ingest(), clock, redactor),
            clock);
    batcher =
        new EventBatcher(
            ExecutionStore.kubernetes(new ExecutionCreation(clients.ingest(), toldByAll)),
            clock,
            config.ingestLimits(),
            supervisor);
    executions.show(batcher::there);
    credentials =
        new WebhookCredentialCache(
            registries::find,
            registries::all,
            new Secrets(clients.ingest(), redactor, Duration.ZERO)::headerValue,
            clock,
            supervisor);
    Path certFile = config.webhook().tls().certFile();
    Path keyFile = config.webhook().tls().keyFile();
    certificate =
        certFile == null || keyFile == null
            ? null
            : new ServerCertificate(certFile, keyFile, supervisor);
    webhook =
        new WebhookServer(
            config.webhook().address(),
            certificate,
            new WebhookHandler(
                credentials,
                policyWatch,
                batcher,
                new LastEvents(clients.ingest(), registries)::heard,
                eventMetrics,
                clock,
                health::takesEvents),
            eventMetrics,
            config.ingestLimits(),
            supervisor);
    Gauge.builder("preheat.leader", () -> leadership.leads() ? 1 : 0)
        .description("Whether this replica leads (1)")
        .register(meters);
    Gauge.builder("preheat.operator.version", () -> 1)
        .description("Always 1; the labels tell what runs")
        .tag("version", version())
        .tag("java", Integer.toString(Runtime.version().feature()))
        .register(meters);
    StateMetrics state =
        new StateMetrics(
            meters,
            new StateMetrics.Sources(
                registries, providers, policies, executions, engine, leadership::leads),
            registry -> {
              eventMetrics.begin(registry);
              registryMetrics.begin(registry);
            },
            provider -> executionMetrics.begin(provider.toString()));
    management =
        new ManagementServer(
            config.management().address(),
            health::notReady,
            health::dead,
            meters,
            () -> {
              if (health.isInformed()) {
                state.refresh();
              }
            },
            supervisor);
  }

  /**
   * Starts; returns when the caches are filled and events are taken, however long that takes. Until
   * then events are answered 503: a caller that met no server would wait, and one whose event seems
   * to concern no one would not come again.
   */
  public void start() throws InterruptedException {
    health.starting();
    management.start();
    webhook.start();
    prerequisites.await(health);
    health.waitsFor("the caches are being filled");
    operator.start();
    cachesFilled.countDown();
    policyInformers.forEach(SharedIndexInformer::start);
    awaitPolicies();
    health.informed();
    credentials.start();
    leadership.start(clients.lease());
    health.started();
    log.atInfo()
        .addKeyValue("webhookPort", webhook.port())
        .addKeyValue("managementPort", management.port())
        .log("Started");
  }

  /** Loops that are to be kept going beside the operator's. */
  Supervisor supervisor() {
    return supervisor;
  }

  /** From the manifest of the jar; without one it is a build under way. */
  private static String version() {
    String version = PreheatOperator.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /** An event that no policy selects is answered for good, so all policies must be known first. */
  private void awaitPolicies() throws InterruptedException {
    while (!policyWatch.awaitLists(policyInformers.size(), Duration.ofMinutes(1))) {
      log.warn("Waiting: not all policies are indexed yet");
    }
  }

  /** The port of the webhook server. */
  public int webhookPort() {
    return webhook.port();
  }

  /** The port of health and metrics. */
  public int managementPort() {
    return management.port();
  }

  /**
   * Stops gently: no more events are taken, and those that were taken are stored; meanwhile the
   * reconcilers end, and the lease is free as soon as nothing that they sent is unanswered.
   */
  @Override
  public void close() {
    if (health.isStopping()) {
      return;
    }
    health.stopping();
    log.info("Stopping");
    Thread intake =
        Thread.ofPlatform()
            .name("stop-intake")
            .start(() -> {
              webhook.close();
              batcher.close();
            });
    cachesFilled.countDown();
    leadership.end();
    operator.stop();
    engine.close();
    leadership.giveUp();
    try {
      intake.join(INTAKE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    credentials.close();
    if (certificate != null) {
      certificate.close();
    }
    policyInformers.forEach(SharedIndexInformer::stop);
    management.close();
    processMetrics.close();
    clients.close();
    log.info("Stopped");
  }

  private void configure(
      io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider overrider,
      PrometheusMeterRegistry meters) {
    overrider
        .withKubernetesClient(clients.main())
        .withCloseClientOnStop(false)
        // An API server that is away comes back; what cannot heal is looked for before.
        .withStopOnInformerErrorDuringStartup(false)
        .withCacheSyncTimeout(FOREVER)
        .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(meters))
        .withReconciliationTerminationTimeout(work.stopWithin())
        .withResourceCloner(new ResourceCloner(clients.main().getKubernetesSerialization()))
        .withExecutorService(
            // What waits is in a queue: thousands may, and a thread of each would take its stack.
            Executors.newFixedThreadPool(
                work.atOnce(),
                worker ->
                    Thread.ofVirtual().name("reconcile").unstarted(() -> onceLeading(worker))));
  }

  /** Nothing is reconciled on caches that are half filled, or by a replica that does not lead. */
  private void onceLeading(Runnable worker) {
    try {
      cachesFilled.await();
      if (leadership.await()) {
        worker.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Registers a reconciler.
   *
   * @param items what its cache keeps; it serves one informer, and each namespace has its own
   */
  private <R extends io.fabric8.kubernetes.api.model.HasMetadata> void register(
      OperatorConfig config,
      io.javaoperatorsdk.operator.api.reconciler.Reconciler<R> reconciler,
      ItemStore<R> items) {
    operator.register(
        reconciler,
        (ControllerConfigurationOverrider<R> controller) -> {
          if (config.namespaces().size() <= 1) {
            controller.withItemStore(items);
          }
          // An outside system may be away for hours: tries never run out.
          controller.withRetry(
              new GenericRetry()
                  .setInitialInterval(500)
                  .setIntervalMultiplier(2)
                  .setMaxInterval(work.maxRetryDelay().toMillis())
                  .withoutMaxAttempts());
          controller.withInformerListLimit((long) config.kubernetes().listPage());
          if (config.namespaces().isEmpty()) {
            controller.watchingAllNamespaces();
          } else {
            controller.settingNamespaces(config.namespaces());
          }
        });
  }

  private List<SharedIndexInformer<PreheatPolicy>> informers(
      OperatorConfig config, PolicyWatch watch) {
    List<SharedIndexInformer<PreheatPolicy>> all = new ArrayList<>();
    if (config.namespaces().isEmpty()) {
      all.add(
          clients
              .main()
              .resources(PreheatPolicy.class)
              .inAnyNamespace()
              .withLimit((long) config.kubernetes().listPage())
              .runnableInformer(0));
    }
    for (String namespace : config.namespaces()) {
      all.add(
          NamedResources.in(clients.main().resources(PreheatPolicy.class), namespace)
              .withLimit((long) config.kubernetes().listPage())
              .runnableInformer(0));
    }
    all.forEach(informer ->
        informer
            .itemStore(new SlimItems<>())
            .exceptionHandler(
                (running, failure) -> !ExceptionHandler.isDeserializationException(failure))
            .addEventHandler(watch));
    return all;
  }
}
