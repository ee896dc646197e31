package io.goharbor.preheat.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.execution.ExecutionItems;
import io.goharbor.preheat.execution.ExecutionLimits;
import io.goharbor.preheat.execution.ExecutionMetrics;
import io.goharbor.preheat.execution.ExecutionReconciler;
import io.goharbor.preheat.execution.ExecutionStores;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.ingest.EventMetrics;
import io.goharbor.preheat.ingest.ExecutionStore;
import io.goharbor.preheat.ingest.GroupCommitter;
import io.goharbor.preheat.ingest.KeptHooks;
import io.goharbor.preheat.ingest.PolicyWatch;
import io.goharbor.preheat.ingest.ServerCertificate;
import io.goharbor.preheat.ingest.WebhookHandler;
import io.goharbor.preheat.ingest.WebhookServer;
import io.goharbor.preheat.kube.EscapedWatches;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.NamedResources;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.Secrets;
import io.goharbor.preheat.kube.SharedStrings;
import io.goharbor.preheat.kube.SlimItems;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.policy.Denials;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.PolicyCheck;
import io.goharbor.preheat.policy.PolicyReconciler;
import io.goharbor.preheat.provider.Lanes;
import io.goharbor.preheat.provider.ProviderReconciler;
import io.goharbor.preheat.registry.CatchUp;
import io.goharbor.preheat.registry.LastEvents;
import io.goharbor.preheat.registry.RegistryMetrics;
import io.goharbor.preheat.registry.RegistryReconciler;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
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

  private final KubernetesClient client;
  private final KubernetesClient ingestClient;
  private final Operator operator;
  private final Lanes lanes;
  private final GroupCommitter committer;
  private final KeptHooks hooks;
  private final @Nullable ServerCertificate certificate;
  private final WebhookServer webhook;
  private final ManagementServer management;
  private final CountDownLatch cachesFilled = new CountDownLatch(1);
  private final OperatorConfig.Work work;
  private final PolicyWatch policyWatch = new PolicyWatch();
  private final List<SharedIndexInformer<PreheatPolicy>> policyInformers;
  private volatile boolean leads;
  private volatile boolean started;
  private volatile boolean stopping;

  /**
   * Builds the operator; nothing runs yet.
   *
   * @throws IOException when a port cannot be bound
   */
  public PreheatOperator(OperatorConfig config, Config kubernetes) throws IOException {
    work = config.work();
    InstantSource clock = Clock.systemUTC();
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    // Tries never run out here, and each would be a series of its own.
    meters
        .config()
        .meterFilter(
            MeterFilter.ignoreTags(
                "reconciliations.retries.number", "reconciliations.retries.last"));
    client = client(kubernetes);
    ingestClient =
        client(
            new ConfigBuilder(kubernetes)
                .withRequestTimeout(Math.toIntExact(config.ingest().apiTimeout().toMillis()))
                .withRequestRetryBackoffLimit(0)
                .build());

    ResourceStore<HarborRegistry> registries = new ResourceStore<>();
    ResourceStore<P2PProvider> providers = new ResourceStore<>();
    ResourceStore<PreheatPolicy> policies = new ResourceStore<>();
    ResourceStore<PreheatExecution> executions = new ResourceStore<>();
    Redactor redactor = new Redactor(clock);
    LogSetup.redact(redactor);
    meters.config().meterFilter(new RedactedTags(redactor));
    Secrets secrets = new Secrets(client, redactor);
    NamespaceLabels namespaces = new NamespaceLabels(client);
    EventRecorder events = new EventRecorder(client, clock, redactor);
    StatusPatches statuses = new StatusPatches(redactor);
    FailedReconciles failures = new FailedReconciles(statuses, work.maxRetryDelay());
    Denials denials = new Denials(client, policies, events, clock);
    ExecutionCreation creation = new ExecutionCreation(client, denials);
    Wakeups wakeups = new Wakeups();
    HttpClients http = new HttpClients(new RequestMetrics(meters), config.http(), redactor);
    HarborClients harbors = new HarborClients(http, secrets);
    LastEvents lastEvents = new LastEvents();
    lanes = new Lanes(clock, wakeups);
    EventMetrics eventMetrics = new EventMetrics(meters);
    RegistryMetrics registryMetrics = new RegistryMetrics(meters);
    ExecutionMetrics executionMetrics = new ExecutionMetrics(meters);

    operator = new Operator(overrider -> configure(overrider, config, meters));
    register(
        config,
        new ProviderReconciler(
            lanes,
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
            lastEvents,
            registries,
            events,
            statuses,
            failures,
            wakeups,
            registryMetrics,
            config.limits().remote(),
            config.limits().registries(),
            clock),
        new SlimItems<>());
    register(
        config,
        new PolicyReconciler(
            new PolicyCheck(namespaces, lanes),
            client,
            creation,
            policies,
            executions,
            events,
            statuses,
            failures,
            wakeups,
            clock,
            RandomGenerator.getDefault()),
        new SlimItems<>());
    register(
        config,
        new ExecutionReconciler(
            new ExecutionStores(policies, registries, providers, executions, namespaces),
            harbors,
            lanes,
            wakeups,
            events,
            statuses,
            failures,
            executionMetrics,
            new ExecutionLimits(
                config.limits().executions(),
                config.limits().registries(),
                config.limits().remote()),
            clock,
            RandomGenerator.getDefault()),
        new ExecutionItems());

    policyInformers = informers(config, policyWatch);
    committer =
        new GroupCommitter(
            ExecutionStore.kubernetes(new ExecutionCreation(ingestClient, denials)),
            clock,
            config.ingest());
    executions.show(committer::there);
    hooks =
        new KeptHooks(
            registries::find,
            registries::all,
            new Secrets(ingestClient, redactor, Duration.ZERO)::headerValue,
            clock);
    OperatorConfig.WebhookTls tls = config.webhookTls();
    certificate = tls == null ? null : new ServerCertificate(tls.certificate(), tls.key());
    webhook =
        new WebhookServer(
            config.webhook(),
            certificate,
            new WebhookHandler(
                hooks, policyWatch, committer, lastEvents, eventMetrics, clock, () -> started),
            eventMetrics,
            config.ingest());
    leads = !config.leaderElection();
    Gauge.builder("preheat.leader", () -> leads ? 1 : 0)
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
                registries, providers, policies, executions, lanes, () -> leads),
            registry -> {
              eventMetrics.begin(registry);
              registryMetrics.begin(registry);
            },
            provider -> executionMetrics.begin(provider.toString()));
    management =
        new ManagementServer(
            config.management(),
            () -> started,
            meters,
            () -> {
              if (started) {
                state.refresh();
              }
            });
  }

  /**
   * Starts; returns when the caches are filled and events are taken. Until then they are answered
   * 503: a caller that met no server would wait, and one whose event seems to concern nobody would
   * not come again.
   */
  public void start() {
    management.start();
    webhook.start();
    operator.start();
    cachesFilled.countDown();
    policyInformers.forEach(SharedIndexInformer::run);
    awaitPolicies();
    hooks.start();
    started = true;
    log.atInfo()
        .addKeyValue("webhookPort", webhook.port())
        .addKeyValue("managementPort", management.port())
        .log("Started");
  }

  /** From the manifest of the jar; without one it is a build under way. */
  private static String version() {
    String version = PreheatOperator.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /** An event that no policy selects is answered for good, so all policies must be known first. */
  private void awaitPolicies() {
    try {
      if (!policyWatch.awaitLists(policyInformers.size(), work.startWithin())) {
        throw new IllegalStateException(
            "the policies were not indexed within kubernetes.startWithin, " + work.startWithin());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the policies were indexed", e);
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
   * Stops gently: first no more events, then what was taken is stored, then the reconcilers end.
   */
  @Override
  public void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    started = false;
    log.info("Stopping");
    webhook.close();
    committer.close();
    hooks.close();
    if (certificate != null) {
      certificate.close();
    }
    policyInformers.forEach(SharedIndexInformer::stop);
    cachesFilled.countDown();
    operator.stop();
    lanes.close();
    management.close();
    ingestClient.close();
    client.close();
    log.info("Stopped");
  }

  private static KubernetesClient client(Config config) {
    // Named, because the service lookup would prefer another HTTP client on the class path.
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new OkHttpClientFactory())
        .withHttpClientBuilderConsumer(
            http -> http.addOrReplaceInterceptor("escaped-watches", new EscapedWatches()))
        .withKubernetesSerialization(
            new KubernetesSerialization(
                new ObjectMapper().registerModule(SharedStrings.module()), true))
        .build();
  }

  private void configure(
      io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider overrider,
      OperatorConfig config,
      PrometheusMeterRegistry meters) {
    overrider
        .withKubernetesClient(client)
        .withCloseClientOnStop(false)
        .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(meters))
        .withReconciliationTerminationTimeout(work.stopWithin())
        .withResourceCloner(new Copies(client.getKubernetesSerialization()))
        .withExecutorService(
            // What waits is in a queue: thousands may, and a thread of each would take its stack.
            Executors.newFixedThreadPool(
                work.atOnce(),
                worker ->
                    Thread.ofVirtual().name("reconcile").unstarted(() -> onceFilled(worker))));
    if (config.leaderElection()) {
      overrider.withLeaderElectionConfiguration(leaderElection(config));
    }
  }

  /** Without leader election work would begin on caches that are half filled. */
  private void onceFilled(Runnable worker) {
    try {
      cachesFilled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    worker.run();
  }

  private LeaderElectionConfiguration leaderElection(OperatorConfig config) {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(config.leaseName())
        .withLeaseNamespace(config.leaseNamespace())
        .withLeaseDuration(config.leaseTimes().duration())
        .withRenewDeadline(config.leaseTimes().renewDeadline())
        .withRetryPeriod(config.leaseTimes().retryPeriod())
        // The library would call System.exit, which never returns inside a shutdown hook.
        .withExitOnStopLeading(false)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                this::startedLeading,
                this::stoppedLeading,
                leader -> log.atInfo().addKeyValue("leader", leader).log("Leader")))
        .build();
  }

  private void startedLeading() {
    leads = true;
    log.info("This replica leads");
  }

  private void stoppedLeading() {
    if (!stopping) {
      log.error("The lease was lost; this replica ends at once so that no two lead");
      Runtime.getRuntime().halt(1);
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
          controller.withInformerListLimit((long) work.listPage());
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
          client
              .resources(PreheatPolicy.class)
              .inAnyNamespace()
              .withLimit((long) work.listPage())
              .runnableInformer(0));
    }
    for (String namespace : config.namespaces()) {
      all.add(
          NamedResources.in(client.resources(PreheatPolicy.class), namespace)
              .withLimit((long) work.listPage())
              .runnableInformer(0));
    }
    all.forEach(informer -> informer.itemStore(new SlimItems<>()).addEventHandler(watch));
    return all;
  }
}
