package io.goharbor.preheat.kube;

import static io.goharbor.preheat.runtime.FaultyApi.statusOf;
import static io.goharbor.preheat.runtime.OperatorWorld.awaiting;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.runtime.FaultyApi.Call;
import io.goharbor.preheat.runtime.FaultyApi.Fault;
import io.goharbor.preheat.runtime.OperatorWorld;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What holds for the status of every kind while the API server fails. All objects are created at
 * once, since some have pauses to wait for.
 */
class StatusWritesApiFailuresTest {
  /** Each kind, and the reason that an object of it comes to when all is well. */
  private static final Map<Class<? extends HasMetadata>, String> KINDS =
      Map.of(
          HarborRegistry.class, "Ready",
          P2PProvider.class, "Ready",
          PreheatPolicy.class, "RegistryNotFound",
          PreheatExecution.class, "PolicyNotFound");

  private static final Duration SLOW = Duration.ofSeconds(2);

  private static OperatorWorld world;

  @BeforeAll
  static void start() throws Exception {
    world = OperatorWorld.start();
    meet("slow", Fault.slowly(SLOW));
    createAll("slow");
    createAll("quick");
    meet("conflict", Fault.answer(409, "it has been modified"));
    createAll("conflict");
    meet("throttled", Fault.tooManyRequests(1));
    createAll("throttled");
    meet("hiccup", Fault.answer(500, "a hiccup"));
    createAll("hiccup");
    meet("lost", Fault.answerAfterEffect(504));
    createAll("lost");
    Runnable serverIsWell =
        world
            .api()
            .meetAll(
                call ->
                    KINDS.keySet().stream()
                            .anyMatch(kind -> statusOf(plural(kind), "failing").test(call))
                        && !tellsOfFailure(call),
                Fault.answer(500, "no disk, says the test"));
    createAll("failing");
    each((kind, plural) -> world.awaitReason(kind, "failing", "InternalError"));
    serverIsWell.run();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  /** For hours nothing else may wake a policy. */
  @Test
  void a_conflict_is_followed_by_another_write_soon() {
    awaitAll("conflict");
    each((kind, plural) -> {
      List<Call> writes = writes(plural, "conflict");
      assertThat(writes).as(plural).extracting(Call::code).startsWith(409, 202);
      assertThat(writes).as(plural).noneMatch(StatusWritesApiFailuresTest::tellsOfFailure);
    });
  }

  @Test
  void too_many_requests_are_heeded_and_nothing_shows() {
    awaitAll("throttled");
    each((kind, plural) -> {
      List<Call> writes = writes(plural, "throttled");
      assertThat(writes).as(plural).extracting(Call::code).startsWith(429, 202);
      assertThat(between(writes.get(0), writes.get(1)))
          .as("pause that the server asked for, " + plural)
          .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
      assertThat(writes).as(plural).noneMatch(StatusWritesApiFailuresTest::tellsOfFailure);
    });
  }

  @Test
  void one_failure_is_passed_over() {
    awaitAll("hiccup");
    each((kind, plural) -> {
      List<Call> writes = writes(plural, "hiccup");
      assertThat(writes).as(plural).extracting(Call::code).startsWith(500, 202);
      assertThat(writes).as(plural).noneMatch(StatusWritesApiFailuresTest::tellsOfFailure);
    });
  }

  @Test
  void a_failure_that_lasts_shows_in_the_condition_and_is_tried_again_after_a_pause() {
    awaitAll("failing");
    each((kind, plural) -> {
      List<Call> writes = writes(plural, "failing");
      int told = told(writes);
      assertThat(writes.get(told).body())
          .contains("The API server answered 500: no disk, says the test");
      assertThat(between(writes.get(told), writes.get(told + 1)))
          .as("pause after a failure, " + plural)
          .isGreaterThanOrEqualTo(Duration.ofMillis(900));
    });
  }

  @Test
  void an_answer_that_is_lost_is_as_good_as_one_that_came() {
    awaitAll("lost");
    each((kind, plural) ->
        assertThat(writes(plural, "lost"))
            .as(plural)
            .noneMatch(StatusWritesApiFailuresTest::tellsOfFailure));
  }

  @Test
  void a_slow_answer_keeps_no_other_object_waiting() {
    awaitAll("slow");
    awaitAll("quick");
    each((kind, plural) ->
        assertThat(between(writes(plural, "slow").getFirst(), writes(plural, "quick").getFirst()))
            .as("a write before the answer to an earlier one, " + plural)
            .isLessThan(SLOW));
  }

  private static void meet(String name, Fault fault) {
    each((kind, plural) -> world.api().meet(1, statusOf(plural, name), fault));
  }

  private static void createAll(String name) {
    world.registry(name);
    world.provider(name);
    world.create(
        PreheatPolicy.class, name, "harborRef: {name: nowhere}\nproviderRefs: [{name: nowhere}]");
    world.create(PreheatExecution.class, name, "policyRef: {name: nowhere}");
  }

  private static void awaitAll(String name) {
    KINDS.forEach((kind, reason) ->
        awaiting(HasMetadata.getKind(kind) + " " + name + " to be " + reason)
            .atMost(Duration.ofSeconds(20))
            .until(() -> world.reason(kind, name), reason::equals));
  }

  private static void each(BiConsumer<Class<? extends HasMetadata>, String> what) {
    KINDS.keySet().forEach(kind -> what.accept(kind, plural(kind)));
  }

  private static String plural(Class<? extends HasMetadata> kind) {
    return HasMetadata.getPlural(kind);
  }

  private static List<Call> writes(String plural, String name) {
    return world.api().calls(statusOf(plural, name));
  }

  /** The write that tells of the failure. */
  private static int told(List<Call> writes) {
    for (int i = 0; i < writes.size(); i++) {
      if (tellsOfFailure(writes.get(i))) {
        return i;
      }
    }
    throw new AssertionError("no failure was told: " + writes);
  }

  private static boolean tellsOfFailure(Call write) {
    return write.body().contains("InternalError");
  }

  private static Duration between(Call one, Call other) {
    return Duration.ofNanos(other.nanos() - one.nanos());
  }
}
