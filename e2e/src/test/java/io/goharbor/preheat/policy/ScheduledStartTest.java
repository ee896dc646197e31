package io.goharbor.preheat.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Slowness;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ResourceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The runs of a schedule against an API server: one for each time, whoever asks how often. */
class ScheduledStartTest {
  private static final Path CRD =
      Path.of("..", "crds", "preheat.goharbor.io_preheatexecutions.yaml");
  private static final Instant CREATED = Instant.parse("2026-11-20T11:59:30Z");
  private static final Instant DUE = Instant.parse("2026-11-20T12:00:00Z");
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:01Z");
  private static final String WRITE = "POST preheatexecutions";

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final KubernetesClient client =
      new KubernetesClientBuilder()
          // What is refused is refused to those who come so.
          .withConfig(new ConfigBuilder(kube.config()).withOauthToken("kubeconfig").build())
          .withHttpClientFactory(new OkHttpClientFactory())
          .build();
  private final CronSchedule cron = new CronSchedule(minutely());
  private final ScheduledStart start = operator();

  @BeforeEach
  void kinds() throws IOException {
    client
        .resource(Serialization.unmarshal(Files.readString(CRD), CustomResourceDefinition.class))
        .create();
  }

  @AfterEach
  void close() {
    client.close();
    kube.close();
  }

  private ScheduledStart operator() {
    EventRecorder events =
        new EventRecorder(client, () -> NOW, new Redactor(InstantSource.system()));
    return new ScheduledStart(
        client,
        new ExecutionCreation(
            client, new Denials(client, new ResourceStore<>(), events, () -> NOW)),
        events);
  }

  @Test
  void what_the_cluster_denies_stays_due() {
    kube.refuse((asked, name, body) ->
        asked.verb().equals("create") && asked.resource().equals("preheatexecutions")
            ? EmbeddedKube.Refusal.quota("phx")
            : null);
    assertThatThrownBy(() -> start.startDue(policy("uid-1"), cron, List.of(), NOW))
        .isInstanceOf(ScheduledStart.DeniedException.class);

    kube.refuse((asked, name, body) -> null);
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), NOW)).isEqualTo(DUE);
    assertThat(all()).hasSize(1);
  }

  @Test
  void what_is_due_is_made_once_and_told() {
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), CREATED)).isNull();
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), NOW)).isEqualTo(DUE);
    PreheatExecution made = all().getFirst();
    assertThat(made.getSpec().policyRef()).isNotNull();
    assertThat(made.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("uid-1"));
    assertThat(told("Scheduled")).containsExactly("created " + made.getMetadata().getName());
  }

  @Test
  void an_operator_that_died_before_it_noted_the_run_has_a_successor_that_finds_it() {
    PreheatPolicy policy = policy("uid-1");
    assertThat(start.startDue(policy, cron, List.of(), NOW)).isEqualTo(DUE);
    // No one has it in its cache yet, and meanwhile the run has begun.
    named(all().getFirst())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"labels\":{\"team\":\"a\"}},\"spec\":{\"cancel\":true}}");
    assertThat(operator().startDue(policy, cron, List.of(), NOW.plusSeconds(20))).isEqualTo(DUE);
    assertThat(all()).hasSize(1);
    assertThat(told("Scheduled")).hasSize(1);
    assertThat(told("ScheduleMissed")).isEmpty();
  }

  @Test
  void a_creation_whose_answer_was_lost_is_found_at_the_next_try() throws Exception {
    Slowness.Gate gate = kube.slowness().hold(WRITE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> lost = threads.submit(() -> start.startDue(policy("uid-1"), cron, List.of(), NOW));
      while (gate.waiting() == 0) {
        Thread.sleep(5);
      }
      kube.slowness().clear();
      // Another writes first: that is what a retried request looks like from here.
      operator().startDue(policy("uid-1"), cron, List.of(), NOW);
      gate.open(true);
      lost.get();
    }
    assertThat(all()).hasSize(1);
    assertThat(told("Scheduled")).hasSize(1);
  }

  @Test
  void of_many_that_start_it_at_once_one_does() throws Exception {
    List<Future<Instant>> asked = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        asked.add(
            threads.submit(
                () -> requireNonNull(operator().startDue(policy("uid-1"), cron, List.of(), NOW))));
      }
    }
    for (Future<Instant> one : asked) {
      assertThat(one.get()).isEqualTo(DUE);
    }
    assertThat(all()).hasSize(1);
  }

  @Test
  void an_object_of_somebody_else_under_that_name_is_told_and_the_next_time_is_started() {
    PreheatExecution strange = ExecutionFactory.scheduled(policy("of-an-earlier-policy"), DUE);
    client.resource(strange).create();
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), NOW)).isEqualTo(DUE);
    String name = strange.getMetadata().getName();
    assertThat(told("ScheduleMissed"))
        .containsExactly(
            "the run of "
                + DUE
                + " is left out: PreheatExecution default/"
                + name
                + " exists, and is not of this policy or not about the same");
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), NOW.plusSeconds(60)))
        .isEqualTo(DUE.plusSeconds(60));
    assertThat(all()).hasSize(2);
  }

  @Test
  void what_could_not_be_written_is_not_noted_and_written_at_the_next_try() {
    kube.available(false);
    assertThatThrownBy(() -> start.startDue(policy("uid-1"), cron, List.of(), NOW))
        .isInstanceOf(KubernetesClientException.class);
    kube.available(true);
    assertThat(start.startDue(policy("uid-1"), cron, List.of(), NOW)).isEqualTo(DUE);
    assertThat(all()).hasSize(1);
  }

  private static Schedule minutely() {
    return Serialization.unmarshal("cron: \"* * * * *\"", Schedule.class);
  }

  private static PreheatPolicy policy(String uid) {
    PreheatPolicy policy =
        Serialization.unmarshal(
            """
            apiVersion: preheat.goharbor.io/v1alpha1
            kind: PreheatPolicy
            metadata: {name: shop, namespace: default}
            spec:
              harborRef: {name: main}
              providerRefs: [{name: dragonfly}]
              selector: {projects: {include: [shop]}}
              triggers: {schedule: {cron: "* * * * *"}}
            """,
            PreheatPolicy.class);
    policy.getMetadata().setUid(uid);
    policy.getMetadata().setCreationTimestamp(CREATED.toString());
    return policy;
  }

  private List<PreheatExecution> all() {
    return client.resources(PreheatExecution.class).inNamespace("default").list().getItems();
  }

  private Resource<PreheatExecution> named(PreheatExecution execution) {
    return client
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withName(execution.getMetadata().getName());
  }

  private List<String> told(String reason) {
    return client.v1().events().inNamespace("default").list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .map(Event::getMessage)
        .toList();
  }
}
