package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.SystemInfo;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What becomes of the webhooks, and of the object, when a registry is deleted; it is clocked by
 * hand.
 */
class RegistryDeletionTest extends RegistryBench {
  private static final ObjectKey MAIN = new ObjectKey("default", "main");

  private final HarborClients harbors = new HarborClients(new HttpClients(), secrets);
  private final HarborRegistry registry = registry();
  private final ProjectWebhooks webhooks =
      new ProjectWebhooks(secrets, events, new RegistryMetrics(new SimpleMeterRegistry()));
  private final RegistryCleanup cleanup = newCleanup(webhooks);

  private RegistryCleanup newCleanup(ProjectWebhooks of) {
    return new RegistryCleanup(harbors, of, events, new RemoteWork.Limits(1, 1), clock);
  }

  @BeforeEach
  void registered() throws Exception {
    harbor.addWebhook("a", OTHERS, "Bearer theirs", "Default");
    look();
    assertThat(hooks("c", ADDRESS)).hasSize(1);
    // The clock of the API server may be ahead by any time, or behind.
    registry.getMetadata().setDeletionTimestamp("2020-01-01T00:00:00Z");
  }

  /** A good look, as the reconciler has it every half minute. */
  private void look() throws Exception {
    HarborClient client = harbors.get(MAIN, registry.getSpec());
    cleanup.worked(registry, client);
    webhooks.keep(
        registry,
        client,
        new SystemInfo("v2.14.4", true, false, true, now),
        0,
        EVERY,
        now,
        new Conditions(List.of(), 1L, now),
        () -> false);
  }

  @Test
  void its_webhooks_go_and_no_other() {
    goes();
    assertNothingIsLeft();
    assertThat(hooks("a", OTHERS)).hasSize(1);
  }

  @Test
  void a_harbor_that_is_gone_holds_it_for_fifteen_seconds() {
    harbor.server().stop();
    givesUp("cannot be connected to");
    assertRemainsAreNamed();
  }

  @Test
  void a_harbor_that_comes_back_in_time_is_cleaned() {
    harbor.server().stop();
    stays();
    harbor.server().start();
    now = START.plusSeconds(14);
    goes();
    assertNothingIsLeft();
  }

  @Test
  void a_harbor_that_does_not_answer_holds_it_for_twenty_seconds() {
    harbor
        .server()
        .faults()
        .always(Faults.on("GET", "/systeminfo"), new Fault.Delay(Duration.ofSeconds(60)));
    stays();
    now = START.plusSeconds(20);
    goes();
    assertTold("Harbor did not answer in time");
    assertRemainsAreNamed();
  }

  @Test
  void an_account_that_is_gone_holds_it_for_fifteen_seconds() {
    harbor.removeRobot("robot$preheat");
    // Harbor takes who brings a wrong credential for a stranger, and shows strangers no project.
    givesUp("does not take the credentials of Secret harbor");
    assertRemainsAreNamed();
  }

  @Test
  void a_secret_that_went_first_is_not_missed() {
    client.secrets().inNamespace("default").withName("harbor").delete();
    goes();
    assertNothingIsLeft();
  }

  @Test
  void a_secret_that_was_replaced_by_a_wrong_one_is_not_missed() {
    secret("harbor", Map.of("username", "robot$preheat", "password", "wrong"));
    goes();
    assertNothingIsLeft();
  }

  @Test
  void a_secret_that_cannot_be_read_is_not_missed() {
    try (KubernetesClient impatient =
        new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(kube.config()).withRequestRetryBackoffLimit(0).build())
            .withHttpClientFactory(new OkHttpClientFactory())
            .build()) {
      RegistryCleanup away =
          new RegistryCleanup(
              new HarborClients(new HttpClients(), new Secrets(impatient, redactor, Duration.ZERO)),
              webhooks,
              events,
              new RemoteWork.Limits(1, 1),
              clock);
      away.worked(registry, harbors.get(MAIN, registry.getSpec()));
      kube.available(false);
      goes(away);
      kube.available(true);
      assertNothingIsLeft();
    } catch (SecretMissingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void what_may_go_is_not_tried_again_when_its_finalizer_could_not_be_removed() {
    harbor.removeRobot("robot$preheat");
    givesUp("does not take the credentials of Secret harbor");
    harbor.server().clearLog();
    now = now.plusSeconds(60);
    assertThat(cleanup.done(registry, false)).isTrue();
    assertThat(harbor.server().log(ask -> true)).isEmpty();
    assertThat(told("RegistrationIncomplete")).hasSize(1);
  }

  @Test
  void a_harbor_that_hangs_is_not_said_to_hold_a_webhook_when_none_was_registered() {
    HarborRegistry unregistered = registry("uid-3", null);
    assertThat(cleanup.done(unregistered, true)).isFalse();
    now = START.plusSeconds(20);
    assertThat(cleanup.done(unregistered, true)).isTrue();
    assertThat(told("RegistrationIncomplete")).isEmpty();
  }

  @Test
  void a_new_secret_takes_the_place_of_what_worked_before() throws Exception {
    harbor.removeRobot("robot$preheat");
    harbor.addRobot("robot$preheat", "s2");
    secret("harbor", Map.of("username", "robot$preheat", "password", "s2"));
    look();
    client.secrets().inNamespace("default").withName("harbor").delete();
    goes();
    assertNothingIsLeft();
  }

  @Test
  void without_a_secret_and_with_nothing_in_memory_it_is_held_for_fifteen_seconds() {
    client.secrets().inNamespace("default").withName("harbor").delete();
    RegistryCleanup restarted =
        newCleanup(
            new ProjectWebhooks(secrets, events, new RegistryMetrics(new SimpleMeterRegistry())));
    now = START;
    stays(restarted);
    now = START.plusSeconds(15);
    goes(restarted);
    assertTold("Secret harbor does not exist");
  }

  @Test
  void what_worked_for_a_predecessor_of_that_name_is_not_used() throws Exception {
    client.secrets().inNamespace("default").withName("harbor").delete();
    HarborRegistry successor = registry("uid-2", hook(ADDRESS));
    await()
        .pollInterval(Duration.ofMillis(10))
        .during(Duration.ofMillis(300))
        .until(() -> !cleanup.done(successor, false));
    assertThat(hooks("c", ADDRESS)).hasSize(1);
  }

  @Test
  void one_project_that_cannot_be_cleaned_keeps_no_other_and_is_named_in_the_end() {
    String id = hooks("a", ADDRESS).getFirst().path("id").asText();
    harbor.server().faults().always(Faults.on("GET", "/projects/a/"), Fault.status(403, "no"));
    givesUp("project a: ");
    assertTold("in Harbor " + harbor.url() + ", project a (id " + id + "); remove them by hand");
    assertThat(hooks("b", ADDRESS)).isEmpty();
    assertThat(hooks("c", ADDRESS)).isEmpty();
  }

  @Test
  void what_is_still_asked_of_harbor_is_waited_for_since_it_may_register_a_webhook() {
    AtomicBoolean asking = new AtomicBoolean(true);
    await()
        .pollInterval(Duration.ofMillis(10))
        .during(Duration.ofMillis(300))
        .until(() -> !cleanup.done(registry, asking.get()));
    assertThat(hooks("c", ADDRESS)).hasSize(1);
    asking.set(false);
    goes();
    assertNothingIsLeft();
  }

  private void goes() {
    goes(cleanup);
  }

  private void goes(RegistryCleanup of) {
    await().pollInterval(Duration.ofMillis(10)).until(() -> of.done(registry, false));
  }

  private void stays() {
    stays(cleanup);
  }

  /** Harbor is tried again and again meanwhile. */
  private void stays(RegistryCleanup of) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .during(Duration.ofMillis(300))
        .until(() -> !of.done(registry, false));
  }

  private void givesUp(String why) {
    stays();
    now = START.plusSeconds(14);
    stays();
    assertThat(told("RegistrationIncomplete")).isEmpty();
    now = START.plusSeconds(15);
    goes();
    assertTold(why);
  }

  private void assertTold(String why) {
    assertThat(told("RegistrationIncomplete"))
        .singleElement()
        .asString()
        .contains("webhooks named " + Registration.name(registry) + " may be left in Harbor", why);
  }

  private void assertNothingIsLeft() {
    for (String project : List.of("a", "b", "c")) {
      assertThat(hooks(project, ADDRESS)).isEmpty();
    }
    assertThat(told("RegistrationIncomplete")).isEmpty();
  }

  private void assertRemainsAreNamed() {
    for (String project : List.of("a", "b", "c")) {
      String id = hooks(project, ADDRESS).getFirst().path("id").asText();
      assertTold("project " + project + " (id " + id + ")");
    }
  }
}
