package io.goharbor.preheat.e2e.driver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Cancellation;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.DriverSettings;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.P2PDriverFactory;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every driver must do. Each test ends with a search for secrets in all that was said. */
abstract class DriverContract {
  /** The token that the registry takes from an order's pull authority. */
  static final String PULL_TOKEN = "pull-token-9c1f5b7702";

  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String PULL_HEADER = "Bearer " + PULL_TOKEN;

  private final List<Object> said = Collections.synchronizedList(new ArrayList<>());

  // Set before each test.
  @SuppressWarnings("NullAway.Init")
  ContractRegistry registry;

  @SuppressWarnings("NullAway.Init")
  Subject subject;

  @SuppressWarnings("NullAway.Init")
  P2PDriver driver;

  /** A system that pulls from the registry. */
  abstract Subject subject(ContractRegistry from);

  /** Other values of the Authorization header that the registry is to take. */
  Set<String> otherAuthorizations() {
    return Set.of();
  }

  @BeforeEach
  void open() {
    List<String> authorizations = new ArrayList<>(otherAuthorizations());
    authorizations.add(PULL_HEADER);
    registry = new ContractRegistry(Set.copyOf(authorizations));
    subject = subject(registry);
    driver = open(subject);
  }

  /** Opens a driver as the operator does. */
  static P2PDriver open(Subject subject) {
    P2PDriverFactory factory =
        ServiceLoader.load(P2PDriverFactory.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.type() == subject.spec().type())
            .findFirst()
            .orElseThrow();
    DriverSettings settings =
        new DriverSettings(
            "default/contract",
            subject.spec(),
            subject.credential(),
            TlsSettings.SYSTEM,
            new HttpClients(),
            Clock.systemUTC());
    return factory.open(settings);
  }

  @AfterEach
  void no_secret_was_said() {
    List<String> secrets = new ArrayList<>(subject.secrets());
    secrets.add(PULL_TOKEN);
    driver.close();
    subject.close();
    registry.close();
    for (String secret : secrets) {
      String encoded = Base64.getEncoder().encodeToString(secret.getBytes(UTF_8));
      assertThat(said)
          .extracting(Object::toString)
          .noneMatch(text -> text.contains(secret) || text.contains(encoded));
    }
  }

  @Test
  void a_system_that_runs_is_usable_for_what_it_can() {
    Health health = note(driver.probe());

    assertThat(health).isInstanceOf(Health.Usable.class);
    assertThat(health.known().orElseThrow())
        .contains(Capability.SINGLE_SEED_PEER, Capability.ALL_SEED_PEERS);
    assertThat(health.known().orElseThrow().contains(Capability.VERIFICATION))
        .isEqualTo(subject.verifiable());
  }

  @Test
  void a_system_that_is_down_is_unusable_and_usable_again_when_it_is_back() {
    stop();

    assertThat(note(driver.probe()))
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            unusable -> {
              assertThat(unusable.reachable()).isFalse();
              assertThat(unusable.reason()).isEqualTo(Reason.UNREACHABLE);
            });
    subject.servers().forEach(SimServer::start);
    assertThat(note(driver.probe())).isInstanceOf(Health.Usable.class);
  }

  @Test
  void an_order_ends_with_everything_held() {
    PreheatOrder order = order("whole", registry.push("shop", "web", 3));

    Observation end = followToEnd(order, accepted(driver.submit(order)));

    assertThat(end)
        .isInstanceOfSatisfying(
            Observation.Finished.class,
            finished -> {
              assertThat(finished.warmth().verified()).isEqualTo(subject.verifiable());
              assertThat(finished.warmth().expectedBytes()).isEqualTo(order.manifest().bytes());
              assertThat(finished.warmth().failedPeerCount()).isZero();
              if (subject.verifiable()) {
                assertThat(finished.warmth().percent()).isEqualTo(100);
                assertThat(finished.warmth().peers()).isPositive();
              } else {
                assertThat(finished.warmth().unverifiedBecause())
                    .as("what to set")
                    .contains("spec.");
              }
            });
    awaitHeld(order);
    assertThat(subject.begun()).isEqualTo(1);
  }

  @Test
  void many_jobs_are_looked_at_in_one_go() {
    List<RunningJob> running = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      PreheatOrder order = order("many-" + i, registry.push("shop", "web-" + i, 2));
      running.add(new RunningJob(accepted(driver.submit(order)), order, Instant.now()));
    }

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(driver.observe(running))
                .hasSize(12)
                .allSatisfy(
                    (id, seen) -> assertThat(seen).isInstanceOf(Observation.Finished.class)));
  }

  @Test
  void resuming_takes_up_the_job_that_is_there() {
    PreheatOrder order = order("again", registry.push("shop", "web", 2));
    String first = accepted(driver.submit(order));

    String resumed = accepted(driver.adopt(order));

    assertThat(resumed).isEqualTo(first);
    assertThat(subject.begun()).isEqualTo(1);
  }

  @Test
  void resuming_takes_up_no_job_of_an_order_with_a_longer_key() {
    ImageManifest image = registry.push("shop", "web", 2);
    accepted(driver.submit(order("key-12", image)));

    PreheatOrder order = order("key-1", registry.push("shop", "api", 2));
    assertThat(followToEnd(order, accepted(driver.adopt(order))))
        .isInstanceOf(Observation.Finished.class);
    awaitHeld(order);
  }

  @Test
  void resuming_sends_what_never_arrived() {
    PreheatOrder order = order("fresh", registry.push("shop", "web", 2));

    String job = accepted(driver.adopt(order));

    assertThat(subject.begun()).isEqualTo(1);
    assertThat(followToEnd(order, job)).isInstanceOf(Observation.Finished.class);
  }

  @Test
  void an_answer_that_never_came_is_an_unknown_outcome_and_resuming_finds_out() {
    PreheatOrder order = order("lost", registry.push("shop", "web", 2));
    everywhere(new Fault.HandleThenDrop());

    assertThat(note(driver.submit(order))).isInstanceOf(Submission.Unknown.class);

    subject.servers().forEach(server -> server.faults().clear());
    String job = accepted(driver.adopt(order));
    assertThat(followToEnd(order, job)).isInstanceOf(Observation.Finished.class);
    assertThat(subject.begun()).isEqualTo(1);
  }

  @Test
  void nothing_is_sent_to_a_system_that_is_down() {
    PreheatOrder order = order("down", registry.push("shop", "web", 2));
    stop();

    assertThat(note(driver.submit(order)))
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            notNow -> {
              assertThat(notNow.reason()).isEqualTo(Reason.UNREACHABLE);
              assertThat(notNow.providerFault()).isTrue();
              assertThat(notNow.patience()).as("an outage uses up no attempt").isTrue();
            });
    assertThat(note(driver.adopt(order))).isInstanceOf(Submission.NotNow.class);

    subject.servers().forEach(SimServer::start);
    assertThat(subject.begun()).isZero();
  }

  @Test
  void a_system_that_asks_for_patience_gets_it() {
    PreheatOrder order = order("patience", registry.push("shop", "web", 2));
    everywhere(Fault.status(429, "rate limit exceeded"));

    assertThat(note(driver.submit(order)))
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            notNow -> {
              assertThat(notNow.patience()).isTrue();
              assertThat(notNow.providerFault()).isFalse();
            });
    assertThat(subject.begun()).isZero();
  }

  @Test
  void an_artifact_that_is_not_there_is_refused() {
    PreheatOrder order = order("gone", registry.missing("shop", "gone"));

    Submission sent = note(driver.submit(order));
    if (subject.verifiable()) {
      assertThat(sent)
          .isInstanceOfSatisfying(
              Submission.Refused.class, refused -> assertThat(refused.message()).isNotBlank());
    } else {
      assertThat(look(order, accepted(sent)))
          .isInstanceOfSatisfying(
              Observation.Finished.class,
              finished -> assertThat(finished.warmth().verified()).isFalse());
    }
  }

  @Test
  void a_look_at_a_system_that_is_down_shows_nothing() {
    PreheatOrder order = order("dark", registry.push("shop", "web", 2));
    String job = accepted(driver.submit(order));
    stop();

    if (subject.verifiable()) {
      assertThat(look(order, job))
          .isInstanceOfSatisfying(
              Observation.NoAnswer.class,
              none -> assertThat(none.reason()).isEqualTo(Reason.UNREACHABLE));
    }

    subject.servers().forEach(SimServer::start);
    assertThat(followToEnd(order, job)).isInstanceOf(Observation.Finished.class);
  }

  @Test
  void a_job_that_was_forgotten_is_reported_as_such() {
    PreheatOrder order = order("forgotten", registry.push("shop", "web", 2));
    String job = accepted(driver.submit(order));

    if (subject.forgetJobs()) {
      assertThat(look(order, job)).isInstanceOf(Observation.OutcomeUnknown.class);
    } else {
      assertThat(followToEnd(order, job)).isInstanceOf(Observation.Finished.class);
    }
  }

  @Test
  void what_a_system_holds_can_be_asked_emptied_and_asked_again() {
    PreheatOrder order = order("emptied", registry.push("shop", "web", 2));
    followToEnd(order, accepted(driver.submit(order)));

    if (!subject.verifiable()) {
      assertThat(note(driver.verify(order)))
          .isInstanceOfSatisfying(
              VerificationResult.CannotTell.class,
              no -> assertThat(no.message()).contains("spec."));
      assertThat(note(driver.evict(order)))
          .isInstanceOfSatisfying(
              Eviction.NotOffered.class, no -> assertThat(no.message()).contains("spec."));
      return;
    }
    assertThat(warmPercent(order)).isEqualTo(100);
    assertThat(note(driver.evict(order)))
        .isInstanceOfSatisfying(
            Eviction.Evicted.class, evicted -> assertThat(evicted.copies()).isPositive());
    assertThat(subject.holds(order.manifest())).isFalse();
    assertThat(warmPercent(order)).isZero();
  }

  @Test
  void cancelling_is_answered() {
    PreheatOrder order = order("unwanted", registry.push("shop", "web", 2));
    RunningJob job = new RunningJob(accepted(driver.submit(order)), order, Instant.now());

    assertThat(note(driver.cancel(job))).isNotInstanceOf(Cancellation.NoAnswer.class);
  }

  @Test
  void every_look_is_followed_by_a_later_one_that_is_not_too_late() {
    Duration age = Duration.ZERO;
    while (age.compareTo(Duration.ofHours(3)) < 0) {
      Duration next = driver.nextLook(age);
      assertThat(next).isGreaterThan(age).isLessThanOrEqualTo(age.plusSeconds(301));
      age = next;
    }
    assertThat(driver.nextLook(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }

  /** An order for all seed peers; the registry takes its pull authority. */
  PreheatOrder order(String id, ImageManifest manifest) {
    return order(id, manifest, new Target(Target.Scope.ALL_SEED_PEERS, null, null, null));
  }

  /** An order with the pull authority that the registry takes. */
  PreheatOrder order(String id, ImageManifest manifest, Target target) {
    return note(
        new PreheatOrder(
            id,
            manifest,
            "1.0",
            "linux/amd64",
            target,
            Duration.ofMinutes(10),
            () -> new PullAuthorization(PULL_HEADER, null)));
  }

  /** The id of a job that must have been accepted. */
  String accepted(Submission submission) {
    assertThat(note(submission)).isInstanceOf(Submission.Accepted.class);
    return ((Submission.Accepted) submission).jobId();
  }

  /** One look at one job. */
  Observation look(PreheatOrder order, String jobId) {
    Map<String, Observation> seen =
        driver.observe(List.of(new RunningJob(jobId, order, Instant.now())));
    assertThat(seen).containsOnlyKeys(jobId);
    return note(seen.values().iterator().next());
  }

  /** Looks until the job ended. */
  Observation followToEnd(PreheatOrder order, String jobId) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(25))
        .until(
            () -> look(order, jobId),
            seen ->
                !(seen instanceof Observation.InProgress)
                    && !(seen instanceof Observation.NoAnswer));
  }

  /** Waits until the system holds an order; one that can be asked said so already. */
  private void awaitHeld(PreheatOrder order) {
    if (subject.verifiable()) {
      assertThat(subject.holds(order.manifest())).isTrue();
    } else {
      await().atMost(PATIENCE).until(() -> subject.holds(order.manifest()));
    }
  }

  private int warmPercent(PreheatOrder order) {
    VerificationResult finding = note(driver.verify(order));
    assertThat(finding).isInstanceOf(VerificationResult.Known.class);
    return ((VerificationResult.Known) finding).warmth().percent();
  }

  /** Keeps what was said for the search at the end. */
  <T> T note(T what) {
    said.add(what);
    return what;
  }

  /** Lets every request that sends work go wrong. */
  void everywhere(Fault fault) {
    subject.servers().forEach(server -> server.faults().always(subject.sends(), fault));
  }

  private void stop() {
    subject.servers().forEach(SimServer::stop);
  }
}
