package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.HarborClient.SystemInfo;
import io.goharbor.preheat.harbor.HarborClients;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.kube.FailedReconciles;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.RemoteWork;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.kube.StatusPatches;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.policy.Denials;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the webhooks, and of the object, when a registry is deleted. */
class RegistryDeletionTest extends RegistryBench {
  private final HarborClients harbors = new HarborClients(new HttpClients(), secrets);
  private final HarborRegistry registry = registry();
  private final RegistryReconciler reconciler =
      new RegistryReconciler(
          harbors,
          secrets,
          new CatchUp(
              client,
              new ResourceStore<>(),
              new ResourceStore<>(),
              new ExecutionCreation(
                  client, new Denials(client, new ResourceStore<>(), events, clock))),
          new LastEvents(),
          new ResourceStore<>(),
          events,
          new StatusPatches(redactor),
          new FailedReconciles(new StatusPatches(redactor), Duration.ofSeconds(1)),
          new Wakeups(),
          new RegistryMetrics(new SimpleMeterRegistry()),
          new RemoteWork.Limits(1, 1),
          10,
          clock);

  @BeforeEach
  void registered() throws Exception {
    harbor.addWebhook("a", OTHERS, "Bearer theirs", "Default");
    new ProjectWebhooks(secrets, events, new RegistryMetrics(new SimpleMeterRegistry()))
        .keep(
            registry,
            harbors.get(new ObjectKey("default", "main"), registry.getSpec()),
            new SystemInfo("v2.14.4", true, false, true, now),
            0,
            EVERY,
            now,
            new Conditions(List.of(), 1L, now));
    assertThat(hooks("c", ADDRESS)).hasSize(1);
    registry.getMetadata().setDeletionTimestamp(START.toString());
  }

  @Test
  void its_webhooks_go_and_no_other() {
    goes();
    for (String project : List.of("a", "b", "c")) {
      assertThat(hooks(project, ADDRESS)).isEmpty();
    }
    assertThat(hooks("a", OTHERS)).hasSize(1);
    assertThat(told("RegistrationIncomplete")).isEmpty();
  }

  @Test
  void a_harbor_that_is_gone_is_waited_for_two_minutes() {
    harbor.server().stop();
    endsAfterTwoMinutes("cannot be connected to");
  }

  @Test
  void a_harbor_that_comes_back_in_time_is_cleaned() {
    harbor.server().stop();
    stays();
    harbor.server().start();
    now = START.plusSeconds(119);
    goes();
    assertThat(hooks("a", ADDRESS)).isEmpty();
  }

  @Test
  void an_account_that_is_gone_is_waited_for_two_minutes() {
    harbor.removeRobot("robot$preheat");
    // Harbor takes who brings a wrong credential for a stranger, and shows strangers no project.
    endsAfterTwoMinutes("does not take the credentials of Secret harbor");
  }

  @Test
  void a_secret_that_went_with_the_namespace_is_waited_for_two_minutes() {
    client.secrets().inNamespace("default").withName("harbor").delete();
    endsAfterTwoMinutes("Secret harbor does not exist");
  }

  @Test
  void one_project_that_cannot_be_cleaned_keeps_no_other_and_is_named_in_the_end() {
    harbor.server().faults().always(Faults.on("GET", "/projects/a/"), Fault.status(403, "no"));
    endsAfterTwoMinutes("project a: ");
    assertThat(hooks("b", ADDRESS)).isEmpty();
    assertThat(hooks("c", ADDRESS)).isEmpty();
  }

  private void goes() {
    await().pollInterval(Duration.ofMillis(10)).until(() -> reconciler.cleaned(registry));
  }

  /** Harbor is tried again and again meanwhile. */
  private void stays() {
    await()
        .pollInterval(Duration.ofMillis(10))
        .during(Duration.ofMillis(500))
        .until(() -> !reconciler.cleaned(registry));
  }

  private void endsAfterTwoMinutes(String why) {
    now = START.plusSeconds(119);
    stays();
    assertThat(told("RegistrationIncomplete")).isEmpty();
    now = START.plusSeconds(120);
    goes();
    assertThat(told("RegistrationIncomplete"))
        .singleElement()
        .asString()
        .contains("webhooks named " + Registration.name(registry) + " may be left in Harbor", why);
  }
}
