package io.goharbor.preheat.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.EmbeddedKube.Refusal;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.Conditions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the sweep finds, what it asks for it, and what interruptions do to it. */
class SweepTest {
  private static final String PROD = "labels: {all: [prod]}";

  // Set before each test.
  @SuppressWarnings("NullAway.Init")
  private SweepWorld world;

  @BeforeEach
  void start(@TempDir Path scratch) throws Exception {
    world = new SweepWorld(scratch);
  }

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void when_nothing_changed_it_asks_for_little() throws Exception {
    for (int i = 0; i < 10; i++) {
      world.harbor().createProject("team-" + i, false);
    }
    world.policy("all", "tags: {include: ['v*']}");
    world.policy("labelled", PROD);
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      digests.add(world.push("team-" + i % 10, "app-" + i, "v1"));
    }
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrderElementsOf(digests);
    world.sweep();
    world.asked();

    world.sweep();
    // The projects, and twice the 11 that policies select from: what was pushed, and the one page
    // of all.
    assertThat(world.asked()).hasSize(1 + 11 + 11);

    String pushed = world.push("team-3", "app-3", "v2");
    world.sweep();
    assertThat(world.asked()).hasSize(1 + 11 + 11);
    assertThat(world.found("all")).hasSize(201).contains(pushed);
    assertThat(world.status().missedArtifacts()).isEqualTo(201);
    assertThat(world.missedMetric()).isEqualTo(201);

    world.sweepNow();
    assertThat(world.asked()).as("not due").isEmpty();
  }

  @Test
  void all_artifacts_of_a_large_harbor_are_gone_through_in_slices() throws Exception {
    world.policy("labelled", PROD);
    for (int i = 0; i < 1500; i++) {
      world.push("shop", "app-" + i % 200, "v" + i);
    }
    // Thirty pages a sweep: a twentieth of a request a second for ten minutes.
    world.requestsPerSecond(1);
    world.later(Duration.ofDays(1));
    world.sweepNow();
    String last = world.push("shop", "last", "v1");
    String early = world.push("shop", "app-0", "v0");
    int sweeps = 0;
    do {
      world.asked();
      world.sweep();
      assertThat(world.asked().size()).isLessThanOrEqualTo(1 + 30);
      sweeps++;
    } while (world.status().changes() != null && began(world) && sweeps < 10);
    assertThat(sweeps).isLessThan(10);

    world.harbor().addLabel("shop", "last", "v1", "prod");
    world.harbor().addLabel("shop", "app-0", "v0", "prod");
    for (int i = 0; i < 3; i++) {
      world.sweep();
      world.restart();
    }
    assertThat(world.found("labelled")).containsExactlyInAnyOrder(early, last);
  }

  private static boolean began(SweepWorld world) {
    return world.status().changes() != null
        && requireNonNull(world.status().changes()).began() != null;
  }

  @Test
  void before_harbor_2_12_it_finds_by_repository() throws Exception {
    world.harbor().version("v2.11.2-5b0bcabd");
    world.policy("all", "");
    world.policy("labelled", PROD);
    String first = world.push("shop", "web", "1");
    String second = world.push("shop", "api/web", "1");
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrder(first, second);
    world.harbor().addLabel("shop", "web", "1", "prod");
    String third = world.push("shop", "web", "2");
    world.sweep();
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrder(first, second, third);
    assertThat(world.found("labelled")).containsExactly(first);
  }

  @Test
  void what_webhooks_told_is_not_found_again() throws Exception {
    world.policy("all", "");
    String told = world.push("shop", "web", "1");
    String untold = world.push("shop", "web", "2");
    world.heard("all", "shop/web", "1", told);
    world.sweep();
    assertThat(world.found("all")).containsExactly(untold);
    world.sweep();
    world.forgetExecutions();
    world.sweep();
    world.restart();
    world.sweep();
    assertThat(world.found("all")).as("what was swept is done with").isEmpty();
  }

  @Test
  void a_label_is_found_and_a_restart_preheats_nothing_again() throws Exception {
    world.push("shop", "old", "1");
    String carried = world.push("shop", "carried", "1");
    String later = world.push("shop", "later", "1");
    world.harbor().addLabel("shop", "carried", "1", "prod");
    world.later(Duration.ofDays(2));
    world.policy("labelled", PROD);
    // By the cluster's clock the policy is older than it is here.
    world.harbor().pushedAt("shop", "carried", "1", Instant.now().minusSeconds(86_400));
    world.harbor().pushedAt("shop", "later", "1", Instant.now().minusSeconds(86_400));
    world.harbor().pushedAt("shop", "old", "1", Instant.now().minusSeconds(86_400));
    world.sweep();
    assertThat(world.found("labelled")).as("it carried the label before the policy was").isEmpty();

    world.harbor().addLabel("shop", "later", "1", "prod");
    world.sweep();
    assertThat(world.found("labelled")).containsExactly(later);

    world.forgetExecutions();
    world.restart();
    world.sweep();
    world.sweep();
    assertThat(world.found("labelled")).isEmpty();

    // While the operator is away.
    world.harbor().addLabel("shop", "old", "1", "prod");
    world.harbor().removeLabel("shop", "carried", "1", "prod");
    world.restart();
    world.sweep();
    assertThat(world.found("labelled")).hasSize(1).doesNotContain(carried, later);

    world.harbor().addLabel("shop", "carried", "1", "prod");
    world.sweep();
    assertThat(world.found("labelled")).as("taken off and put on again").contains(carried);
    PreheatPolicy policy =
        world
            .client()
            .resources(PreheatPolicy.class)
            .inNamespace("default")
            .withName("labelled")
            .get();
    assertThat(policy.getStatus().catchUp())
        .satisfies(known -> assertThat(known.artifacts()).isEqualTo(3));
  }

  @Test
  void tags_signatures_scans_and_pulls_through_a_cache_are_found_without_an_event()
      throws Exception {
    world.harbor().createProxyCache("hub");
    world.policy("releases", "tags: {include: ['v*']}");
    world.policy("signed", "signature: {anyOf: [Cosign]}");
    world.policy("clean", "vulnerability: {maxSeverity: Medium}");
    String build = world.push("shop", "promoted", "build-1");
    world.sweep();
    world.sweep();
    assertThat(world.found("releases")).isEmpty();
    world.harbor().tagInConsole("shop", "promoted", "build-1", "v1");
    world.harbor().addAccessory("shop", "promoted", "build-1", "signature.cosign");
    world.harbor().scanned("shop", "promoted", "build-1", "Low");
    String pulled = world.harbor().pullThrough("hub", "nginx", "v1.27", Map.of("nginx", 10L));
    world.sweep();
    assertThat(world.found("releases")).containsExactlyInAnyOrder(build, pulled);
    assertThat(world.found("signed")).containsExactly(build);
    assertThat(world.found("clean")).containsExactly(build);

    world.harbor().retag("shop", "promoted", "build-1", "v1.0");
    world.harbor().scanned("shop", "promoted", "build-1", "Low");
    world.forgetExecutions();
    world.restart();
    world.sweep();
    world.sweep();
    assertThat(world.found("releases")).as("it was selected before").isEmpty();
    assertThat(world.found("clean")).as("scanned again with the same result").isEmpty();
    assertThat(world.found("signed")).isEmpty();
  }

  @Test
  void when_harbor_goes_away_halfway_it_goes_on_where_it_stopped() throws Exception {
    world.policy("all", "");
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      digests.add(world.push("shop", "app-" + i % 20, "v" + i));
      world.later(Duration.ofSeconds(1));
    }
    world.later(Duration.ofMinutes(1));
    AtomicInteger lists = new AtomicInteger();
    world
        .harbor()
        .server()
        .faults()
        .always(
            ask -> ask.rawPath().endsWith("/artifacts") && lists.incrementAndGet() > 3,
            Fault.status(503, "gone"));
    assertThat(world.sweepNow()).isInstanceOf(RemoteCallException.class);
    int first = world.found("all").size();
    assertThat(first).as("what was found is not kept back").isBetween(290, 300);
    assertThat(world.status().lastTime()).isNull();

    world.harbor().server().faults().clear();
    world.restart();
    List<Ask> before = lists(world.asked());
    assertThat(world.sweepNow()).as("it need not wait for its interval").isNull();
    List<Ask> asked = lists(world.asked());
    assertThat(asked.getFirst().query("q"))
        .as("it goes on")
        .isNotEqualTo(before.getFirst().query("q"));
    assertThat(world.found("all")).containsExactlyInAnyOrderElementsOf(digests);
    assertThat(asked.size()).as("three pages of pushes, and all").isLessThanOrEqualTo(4 + 8);
  }

  private static List<Ask> lists(List<Ask> asked) {
    return asked.stream().filter(ask -> ask.rawPath().endsWith("/artifacts")).toList();
  }

  @Test
  void when_the_api_server_is_away_nothing_is_lost_and_nothing_made_twice() throws Exception {
    world.policy("all", "");
    world.sweep();
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      digests.add(world.push("shop", "app", "v" + i));
    }
    world.later(Duration.ofMinutes(12));
    world.kube().kill();
    assertThatThrownBy(() -> world.sweepNow()).isInstanceOf(KubernetesClientException.class);
    assertThatThrownBy(() -> world.sweepNow()).isInstanceOf(KubernetesClientException.class);
    world.kube().revive();
    world.sweepNow();
    world.restart();
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrderElementsOf(digests);
  }

  @Test
  void a_project_that_is_closed_keeps_no_other_back_and_is_gone_back_for() throws Exception {
    for (String project : List.of("closed", "open", "zoo")) {
      world.harbor().createProject(project, false);
    }
    world.policy("all", "");
    world.policy("labelled", PROD);
    world.sweep();
    Fault forbidden =
        new Fault.Reply(
            Answer.text(403, "{\"errors\":[{\"code\":\"FORBIDDEN\",\"message\":\"no\"}]}"));
    world
        .harbor()
        .server()
        .faults()
        .always(ask -> ask.rawPath().endsWith("/projects/closed/artifacts"), forbidden);
    String hidden = world.push("closed", "web", "1");
    String open = world.push("open", "web", "1");
    String last = world.push("zoo", "web", "1");

    assertThat(world.sweep()).isNull();
    assertThat(world.found("all")).containsExactlyInAnyOrder(open, last);
    assertThat(Backlog.all(world.status()))
        .singleElement()
        .satisfies(left -> {
          assertThat(left.project()).isEqualTo("closed");
          assertThat(left.message()).contains("403", "artifact: list");
        });
    assertThat(condition().getStatus()).isEqualTo("False");
    assertThat(condition().getReason()).isEqualTo("CatchUpIncomplete");
    assertThat(condition().getMessage()).contains("project closed: ", "artifact: list");

    world.restart();
    assertThat(world.sweep()).isNull();
    assertThat(condition().getStatus()).isEqualTo("False");

    world.harbor().server().faults().clear();
    world.restart();
    world.forgetExecutions();
    world.sweep();
    assertThat(world.found("all")).as("pushed while it was closed").containsExactly(hidden);
    assertThat(Backlog.all(world.status())).isEmpty();
    assertThat(condition().getStatus()).isEqualTo("True");
    world.forgetExecutions();
    world.sweep();
    assertThat(world.found("all")).isEmpty();
  }

  @Test
  void a_harbor_of_which_every_project_is_odd_is_told_as_a_whole() throws Exception {
    for (int i = 0; i < 9; i++) {
      world.harbor().createProject("team-" + i, false);
    }
    world.policy("all", "");
    world
        .harbor()
        .server()
        .faults()
        .always(ask -> ask.rawPath().endsWith("/artifacts"), Fault.status(500, "no database"));
    assertThat(world.sweep()).isInstanceOf(RemoteCallException.class);
    assertThat(world.asked()).hasSizeLessThan(9);
  }

  @Test
  void a_policy_whose_executions_the_cluster_denies_keeps_no_other_back() throws Exception {
    world.policy("denied", "");
    world.policy("fine", "");
    world.sweep();
    world
        .kube()
        .refuse((asked, name, body) ->
            creates(asked) && body.at("/spec/policyRef/name").asText().equals("denied")
                ? Refusal.quota("phx")
                : null);
    List<String> pushed = List.of(world.push("shop", "web", "1"), world.push("shop", "web", "2"));

    assertThat(world.sweep()).isNull();
    assertThat(world.found("fine")).containsExactlyInAnyOrderElementsOf(pushed);
    assertThat(world.found("denied")).isEmpty();
    assertThat(condition().getReason()).isEqualTo("CatchUpIncomplete");
    assertThat(condition().getMessage()).contains("policy denied: ", "exceeded quota: few");
    await()
        .untilAsserted(() ->
            assertThat(world.events("ExecutionDenied"))
                .singleElement()
                .satisfies(event -> {
                  assertThat(event.getInvolvedObject().getName()).isEqualTo("denied");
                  assertThat(event.getMessage()).contains("exceeded quota: few");
                }));

    world.restart();
    world.forgetExecutions();
    world.sweep();
    world.sweep();
    assertThat(world.found("fine")).as("what was swept is done with").isEmpty();

    world.kube().refuse((asked, name, body) -> null);
    world.restart();
    world.sweep();
    assertThat(world.found("denied")).containsExactlyInAnyOrderElementsOf(pushed);
    assertThat(world.found("fine")).isEmpty();
    assertThat(condition().getStatus()).isEqualTo("True");
  }

  @Test
  void an_artifact_that_an_admission_rule_denies_keeps_no_other_of_its_policy_back()
      throws Exception {
    world.policy("all", "");
    world.sweep();
    world
        .kube()
        .refuse((asked, name, body) ->
            creates(asked) && body.at("/spec/artifacts").toString().contains("shop/bad")
                ? new Refusal(
                    422,
                    "Invalid",
                    "ValidatingAdmissionPolicy 'images' with binding 'all' denied request: not bad")
                : null);
    List<String> good = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      good.add(world.push("shop", "app-" + i, "1"));
    }
    world.push("shop", "bad", "1");
    good.add(world.push("shop", "late", "1"));

    assertThat(world.sweep()).isNull();
    assertThat(world.found("all")).containsExactlyInAnyOrderElementsOf(good);
    assertThat(condition().getMessage()).contains("policy all: ", "not bad");
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrderElementsOf(good);
  }

  private static boolean creates(EmbeddedKube.Asked asked) {
    return asked.verb().equals("create") && asked.resource().equals("preheatexecutions");
  }

  private Condition condition() {
    Conditions conditions = new Conditions(null, 1L, Instant.EPOCH);
    Backlog.tell(world.status(), conditions);
    return conditions.list().getFirst();
  }

  @Test
  void clocks_need_not_agree() throws Exception {
    world.skew(Duration.ofMinutes(-20));
    world.policy("all", "");
    String behind = world.push("shop", "behind", "v1");
    world.sweep();
    assertThat(world.found("all")).containsExactly(behind);
    world.sweep();
    String second = world.push("shop", "behind", "v2");
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrder(behind, second);

    world.skew(Duration.ofMinutes(60));
    world.sweep();
    world.sweep();
    // Somebody sets it right.
    world.skew(Duration.ZERO);
    String third = world.push("shop", "behind", "v3");
    world.sweep();
    assertThat(world.found("all")).containsExactlyInAnyOrder(behind, second, third);
  }
}
