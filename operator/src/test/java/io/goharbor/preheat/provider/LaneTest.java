package io.goharbor.preheat.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.P2PProviderSpec.AllowedNamespaces;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.Wakeups;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static final ObjectKey PROVIDER = new ObjectKey("team", "eu");
  private static final Lane.Asker ASKER = asker("run", "policy", 0);

  private final ScriptedDriver driver = new ScriptedDriver();
  private final Wakeups wakeups = new Wakeups();
  private final List<ObjectKey> woken = new CopyOnWriteArrayList<>();
  private final Lane lane = new Lane(PROVIDER, Clock.systemUTC(), wakeups, new Supervisor(_ -> {}));

  @BeforeEach
  void open() {
    wakeups.wakeExecutionsBy(woken::add);
    lane.use(driver, spec(4));
    lane.probe();
  }

  @AfterEach
  void close() {
    lane.close();
  }

  @Test
  void no_more_places_than_the_limit() {
    List<Admission> answers = admit(ASKER, tickets("t", 6, false));

    assertThat(granted(answers)).isEqualTo(4);
    assertThat(answers.getLast())
        .isEqualTo(
            new Admission.Wait(
                Reason.WAITING_FOR_SLOT, "provider team/eu has no free slot for it yet"));
    assertThat(lane.running()).isEqualTo(4);
    assertThat(lane.queued()).isEqualTo(2);
    lane.release("t-0");
    assertThat(woken).contains(ASKER.execution());
    assertThat(granted(admit(ASKER, tickets("t", 6, false).subList(4, 6)))).isEqualTo(1);
  }

  @Test
  void a_free_place_calls_as_many_as_can_use_it() {
    admit(ASKER, tickets("t", 4, false));
    for (int i = 0; i < 100; i++) {
      admit(asker("waiting-" + i, "policy", 0), tickets("w" + i, 1, false));
    }
    assertThat(lane.waiting()).isEqualTo(100);
    woken.clear();

    lane.release("t-0");
    assertThat(woken).containsExactly(new ObjectKey("team", "waiting-0"));
    lane.release("t-1");
    assertThat(woken)
        .containsExactly(new ObjectKey("team", "waiting-0"), new ObjectKey("team", "waiting-1"));

    // Who was called and wants nothing any more leaves the place to the next.
    lane.forget(new ObjectKey("team", "waiting-0"));
    assertThat(woken).hasSize(3).last().isEqualTo(new ObjectKey("team", "waiting-2"));
    assertThat(granted(admit(asker("waiting-1", "policy", 0), tickets("w1", 1, false)))).isOne();
    assertThat(woken).hasSize(3);

    // Who was called and did not hear it is called again with the next probe.
    woken.clear();
    lane.probe();
    assertThat(woken).containsExactly(new ObjectKey("team", "waiting-2"));
  }

  @Test
  void who_waits_for_the_work_of_another_is_called_when_that_ends() {
    admit(ASKER, tickets("t", 1, false));
    Lane.Asker other = asker("other", "policy", 0);
    Ticket same = new Ticket("other-0", tickets("t", 1, false).getFirst().work(), false);
    assertThat(admit(other, List.of(same)).getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> assertThat(wait.reason()).isEqualTo(Reason.ALREADY_RUNNING));
    assertThat(lane.queued()).as("it wants no place").isZero();
    woken.clear();

    lane.release("t-0");
    assertThat(woken).containsExactly(other.execution());
  }

  @Test
  void its_state_tells_who_waits_and_for_how_long() {
    assertThat(lane.state()).isEqualTo(new LaneState(true, false, false, 4, 0, 0, Duration.ZERO));
    admit(ASKER, tickets("t", 6, false));
    await().until(() -> lane.state().oldestWaiting().isPositive());
    LaneState state = lane.state();
    assertThat(state.running()).isEqualTo(4);
    assertThat(state.queued()).isEqualTo(2);
    lane.forget(ASKER.execution());
    assertThat(lane.state().oldestWaiting()).isZero();
    lane.probed(new Health.Unusable(Reason.UNREACHABLE, "gone", false));
    assertThat(lane.state().usable()).isFalse();
  }

  @Test
  void the_same_work_is_done_once_and_its_result_is_everybodys() {
    Instant began = Instant.now();
    admit(ASKER, List.of(new Ticket("a", DedupKeys.of("digest"))));
    assertThat(
            admit(asker("other", "p", 0), List.of(new Ticket("b", DedupKeys.of("digest"))))
                .getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> assertThat(wait.reason()).isEqualTo(Reason.ALREADY_RUNNING));

    driver.looks = job -> new Observation.Finished(ScriptedDriver.WARM);
    lane.follow(new Ticket("a", DedupKeys.of("digest")), "job", () -> ScriptedDriver.order("a"));
    await().until(() -> !lane.holds("a"));

    assertThat(
            lane.admit(
                asker("other", "p", 0),
                List.of(new Ticket("b", DedupKeys.of("digest"))),
                began,
                (ticket, seen) -> {}))
        .containsExactly(new Admission.AlreadyDone(ScriptedDriver.WARM));
    assertThat(
            granted(
                lane.admit(
                    asker("later", "p", 0),
                    List.of(new Ticket("c", DedupKeys.of("digest"))),
                    Instant.now().plusSeconds(1),
                    (ticket, seen) -> {})))
        .as("planned after that: it may be gone by now")
        .isEqualTo(1);
  }

  @Test
  void the_same_digest_from_another_registry_is_work_of_its_own() {
    admit(ASKER, List.of(new Ticket("a", DedupKeys.of("digest"))));
    driver.looks = job -> new Observation.Finished(ScriptedDriver.WARM);
    lane.follow(new Ticket("a", DedupKeys.of("digest")), "job", () -> ScriptedDriver.order("a"));
    await().until(() -> !lane.holds("a"));
    admit(ASKER, List.of(new Ticket("again", DedupKeys.of("digest"))));

    assertThat(
            lane.admit(
                asker("hostile", "run", "p", 0),
                List.of(new Ticket("b", DedupKeys.of("hostile", "digest"))),
                Instant.now().minusSeconds(60),
                (ticket, seen) -> {}))
        .as("it learns neither that it was done nor that it is being done")
        .containsExactly(new Admission.Granted());
  }

  @Test
  void no_priority_of_another_namespace_keeps_others_waiting() {
    lane.use(driver, spec(8, new AllowedNamespaces(AllowedNamespaces.From.ALL, null)));
    Lane.Asker hostile = asker("hostile", "run", "p", 1000);
    Lane.Asker victim = asker("victim", "run", "p", 0);
    admit(hostile, tickets("h", 40, false));
    List<Ticket> wanted = tickets("v", 8, false);
    assertThat(granted(admit(victim, wanted))).as("slots that were left free").isEqualTo(2);

    lane.release("h-0");

    assertThat(granted(admit(hostile, tickets("h", 40, false).subList(8, 40)))).isZero();
    assertThat(granted(admit(victim, wanted.subList(2, 8)))).isOne();
    assertThat(
            ((Admission.Wait) admit(hostile, tickets("h", 40, false).subList(8, 40)).getFirst())
                .message())
        .contains("its priority 1000 counts as 0");
  }

  @Test
  void a_ceiling_that_is_raised_counts_for_those_who_wait_already() {
    lane.use(driver, spec(1, new AllowedNamespaces(AllowedNamespaces.From.ALL, null)));
    admit(ASKER, tickets("t", 1, false));
    admit(asker("first", "run", "p", 0), tickets("f", 1, false));
    admit(asker("second", "run", "p", 1000), tickets("s", 1, false));
    lane.use(
        driver,
        spec(
            1,
            new AllowedNamespaces(
                AllowedNamespaces.From.ALL,
                null,
                null,
                null,
                List.of(new AllowedNamespaces.Grant(List.of("second"), 1, null)))));
    woken.clear();

    lane.release("t-0");

    assertThat(woken).containsExactly(new ObjectKey("second", "run"));
  }

  @Test
  void after_a_start_nobody_begins_what_another_task_has_in_flight() {
    Ticket inFlight = new Ticket("before", DedupKeys.of("digest"));
    lane.begin(() -> List.of(inFlight));
    lane.begin(() -> {
      throw new AssertionError("asked once");
    });

    assertThat(
            admit(asker("other", "p", 0), List.of(new Ticket("b", DedupKeys.of("digest"))))
                .getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> assertThat(wait.reason()).isEqualTo(Reason.ALREADY_RUNNING));
    lane.forget(asker("other", "p", 0).execution());
    assertThat(granted(admit(ASKER, tickets("t", 4, false)))).as("its place is kept").isEqualTo(3);
    assertThat(lane.holds("before")).as("its job is still to be followed").isFalse();

    lane.reclaim(inFlight, ASKER.group(), seen -> {});
    assertThat(lane.holds("before")).isTrue();
    lane.release("before");
    lane.forget(ASKER.execution());
    assertThat(
            granted(
                admit(asker("other", "p", 0), List.of(new Ticket("b", DedupKeys.of("digest"))))))
        .isEqualTo(1);
  }

  @Test
  void what_was_in_flight_and_ended_meanwhile_keeps_nobody_waiting() {
    lane.begin(() -> List.of(new Ticket("before", DedupKeys.of("digest"))));
    lane.release("before");
    assertThat(granted(admit(ASKER, List.of(new Ticket("b", DedupKeys.of("digest"))))))
        .isEqualTo(1);
  }

  @Test
  void a_provider_in_trouble_holds_its_lane_and_says_since_when() {
    driver.health = new Health.Unusable(Reason.UNREACHABLE, "connection refused", false);
    lane.probe();

    assertThat(admit(ASKER, tickets("t", 1, false)).getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> {
              assertThat(wait.reason()).isEqualTo(Reason.WAITING_FOR_PROVIDER);
              assertThat(wait.message())
                  .startsWith("provider team/eu unreachable since 20")
                  .endsWith("connection refused");
            });
    driver.health = new Health.Usable(null, java.util.Set.of());
    lane.probe();
    assertThat(woken).contains(ASKER.execution());
    assertThat(granted(admit(ASKER, tickets("t", 1, false)))).isEqualTo(1);
  }

  @Test
  void work_resumes_gently() {
    lane.use(driver, spec(100));
    driver.health = new Health.Unusable(Reason.UNREACHABLE, "away", false);
    lane.probe();
    driver.health = new Health.Usable(null, java.util.Set.of());
    lane.probe();
    List<Ticket> waiting = new ArrayList<>(tickets("t", 200, false));
    List<Integer> waves = new ArrayList<>();

    while (!waiting.isEmpty()) {
      List<Admission> answers = admit(ASKER, waiting);
      List<Ticket> sent = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i) instanceof Admission.Granted) {
          sent.add(waiting.get(i));
        }
      }
      waves.add(sent.size());
      List<Submission> outcomes = new CopyOnWriteArrayList<>();
      for (Ticket ticket : sent) {
        lane.send(ticket, () -> ScriptedDriver.order(ticket.key()), Errand.SUBMIT, outcomes::add);
      }
      await().until(() -> outcomes.size() == sent.size());
      sent.forEach(ticket -> lane.release(ticket.key()));
      waiting.removeAll(sent);
    }

    assertThat(waves.getFirst()).as("waves %s", waves).isEqualTo(2);
    assertThat(waves.get(1)).as("waves %s", waves).isLessThanOrEqualTo(8);
    assertThat(driver.submitted).hasSize(200);
  }

  @Test
  void three_failures_of_the_provider_open_the_circuit() {
    driver.submits = order -> new Submission.NotNow(Reason.UNREACHABLE, "502", null, true, true);
    List<Ticket> tickets = tickets("t", 4, false);
    admit(ASKER, tickets);
    List<Submission> outcomes = new CopyOnWriteArrayList<>();
    for (Ticket ticket : tickets) {
      int before = outcomes.size();
      lane.send(ticket, () -> ScriptedDriver.order(ticket.key()), Errand.SUBMIT, outcomes::add);
      await().until(() -> outcomes.size() > before);
    }

    assertThat(driver.submitted).as("the fourth is not even tried").hasSize(3);
    assertThat(lane.held()).isPresent();
    assertThat(lane.running()).isZero();
  }

  @Test
  void only_so_many_tasks_are_sent_again_within_a_minute() {
    for (String round : List.of("again", "and-again", "once-more")) {
      List<Ticket> tickets = tickets(round, round.equals("once-more") ? 2 : 4, true);
      assertThat(granted(admit(ASKER, tickets))).isEqualTo(tickets.size());
      tickets.forEach(ticket -> lane.release(ticket.key()));
    }

    List<Admission> answers = admit(ASKER, tickets("more", 2, true));
    assertThat(granted(answers)).isZero();
    assertThat(answers.getFirst())
        .isInstanceOfSatisfying(
            Admission.Wait.class,
            wait -> assertThat(wait.reason()).isEqualTo(Reason.WAITING_FOR_RETRY));
    assertThat(granted(admit(ASKER, tickets("first", 2, false))))
        .as("what was never sent is not held up")
        .isEqualTo(2);
  }

  @Test
  void an_unknown_outcome_keeps_its_place_for_the_look() {
    driver.submits = order -> new Submission.Unknown("no answer");
    admit(ASKER, tickets("t", 1, false));
    List<Submission> outcomes = new CopyOnWriteArrayList<>();

    lane.send(
        new Ticket("t-0", DedupKeys.of("w")),
        () -> ScriptedDriver.order("o"),
        Errand.SUBMIT,
        outcomes::add);

    await().until(() -> !outcomes.isEmpty());
    assertThat(lane.holds("t-0")).isTrue();
  }

  @Test
  void asking_and_evicting_conclude_in_the_call() {
    driver.finds = order -> new Finding.Known(ScriptedDriver.WARM, true);
    List<Submission> outcomes = new CopyOnWriteArrayList<>();
    for (Errand errand : List.of(Errand.VERIFY, Errand.EVICT)) {
      admit(ASKER, tickets("t", 1, false));
      int before = outcomes.size();
      lane.send(
          new Ticket("t-0", DedupKeys.of("w")),
          () -> ScriptedDriver.order("o"),
          errand,
          outcomes::add);
      await().until(() -> outcomes.size() > before);
      assertThat(lane.holds("t-0")).isFalse();
    }

    assertThat(outcomes)
        .containsExactly(
            new Submission.Concluded(new Observation.Finished(ScriptedDriver.WARM)),
            new Submission.Concluded(new Observation.Evicted(1)));
  }

  private List<Admission> admit(Lane.Asker asker, List<Ticket> tickets) {
    return lane.admit(asker, tickets, Instant.now(), (ticket, seen) -> {});
  }

  private static long granted(List<Admission> answers) {
    return answers.stream().filter(answer -> answer instanceof Admission.Granted).count();
  }

  private static List<Ticket> tickets(String prefix, int count, boolean retry) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Ticket(prefix + "-" + i, DedupKeys.of("work " + prefix + i), retry))
        .toList();
  }

  private static Lane.Asker asker(String name, String group, int priority) {
    return asker("team", name, group, priority);
  }

  private static Lane.Asker asker(String namespace, String name, String group, int priority) {
    return new Lane.Asker(
        new ObjectKey(namespace, name), new ObjectKey(namespace, group), priority);
  }

  private static P2PProviderSpec spec(int places) {
    return spec(places, null);
  }

  private static P2PProviderSpec spec(int places, @Nullable AllowedNamespaces allowed) {
    return new P2PProviderSpec(
        P2PProviderSpec.Type.KRAKEN,
        null,
        null,
        null,
        null,
        new P2PProviderSpec.Limits(places, null),
        null,
        allowed,
        null);
  }
}
