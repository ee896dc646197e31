package io.goharbor.preheat.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.watch.PromQuery.Matching;
import io.goharbor.preheat.e2e.watch.PromQuery.Selector;
import io.goharbor.preheat.e2e.world.Scenario;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The metrics of a real operator that has met pushes, an outage, a run that failed and strangers,
 * beside what the documentation, the dashboard and the alerts say of them.
 */
class MetricsTest {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** What Prometheus adds to each series. */
  private static final Set<String> OF_THE_TARGET = Set.of("job", "namespace", "pod", "instance");

  /** Shown only after something was deleted or collected, or has failed inside the operator. */
  private static final Set<String> RARE =
      Set.of(
          "jvm_gc_pause_seconds",
          "operator_sdk_controllers_execution_reconcile_failure_total",
          "operator_sdk_controllers_execution_cleanup_seconds",
          "operator_sdk_controllers_execution_cleanup_success_total",
          "operator_sdk_controllers_execution_cleanup_failure_total",
          "operator_sdk_events_delete_total",
          "operator_sdk_reconciliations_failed_total");

  // Set before the first test.
  @SuppressWarnings("NullAway.Init")
  private static World world;

  @SuppressWarnings("NullAway.Init")
  private static Scrape during;

  @SuppressWarnings("NullAway.Init")
  private static Scrape all;

  @BeforeAll
  static void play(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch);
    world.startOperator();
    HarborRegistry wrong = new HarborRegistry();
    wrong.setMetadata(new ObjectMetaBuilder().withName("wrong").withNamespace("default").build());
    wrong.setSpec(
        new HarborRegistrySpec(
            world.harbor().url(), null, new LocalRef("missing"), null, null, null, null));
    world.client().resource(wrong).create();
    List<Scrape> scrapes = new ArrayList<>();
    List<Scenario.Outcome> outcomes =
        new Scenario(
                world,
                new Scenario.Watcher() {
                  @Override
                  public void step(String title) {}

                  @Override
                  public void outcome(Scenario.Outcome outcome) {
                    scrapes.add(Scrape.of(world));
                    if (outcome.expected().startsWith("the tasks for Dragonfly wait")) {
                      during = scrapes.getLast();
                    }
                  }
                },
                Scenario.Disturbance.none())
            .play();
    assertThat(outcomes).allMatch(Scenario.Outcome::observed);
    scrapes.add(Scrape.of(world));
    all = scrapes.stream().reduce(Scrape::and).orElseThrow();
    // For a person who wants to see them.
    Files.writeString(
        Path.of("target", "metrics.txt"),
        all.types().entrySet().stream()
            .map(type ->
                type.getKey() + " " + type.getValue() + " " + labels(all, type.getKey()) + "\n")
            .collect(Collectors.joining()));
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  /** Labels of a family, but for those that its type brings. */
  private static Set<String> labels(Scrape scrape, String family) {
    Set<String> labels =
        scrape.labels(family, family + "_count", family + "_sum", family + "_bucket");
    labels.remove("le");
    labels.remove("quantile");
    return labels;
  }

  @Test
  void every_metric_is_documented_and_every_documented_metric_is_there() throws IOException {
    Map<String, String> shown = new TreeMap<>();
    all.types()
        .forEach((name, type) -> {
          String base = name.replaceFirst("_max$", "");
          // The largest recent value, which comes with each histogram and summary.
          if (name.equals(base) || !all.types().containsKey(base)) {
            shown.put(name, type + " " + labels(all, name));
          }
        });
    Map<String, String> documented = documented();
    assertThat(documented).containsKeys(RARE.toArray(String[]::new));
    documented.keySet().removeIf(name -> RARE.contains(name) && !shown.containsKey(name));
    assertThat(documented).containsExactlyEntriesOf(shown);
  }

  @Test
  void promtool_would_find_no_fault() {
    assertThat(PromLint.faults(all)).isEmpty();
  }

  @Test
  void the_jvm_and_the_process_are_measured() {
    assertThat(all.sum("jvm_memory_used_bytes", Map.of("area", "heap"))).isPositive();
    assertThat(all.sum("jvm_threads_live_threads", Map.of())).isPositive();
    assertThat(all.sum("process_cpu_seconds_total", Map.of())).isBetween(0.1, 600.0);
    assertThat(all.sum("process_files_open_files", Map.of())).isPositive();
    assertThat(all.names()).noneMatch(name -> name.startsWith("system_"));
  }

  /** Type and labels by name, from the tables of the page. */
  private static Map<String, String> documented() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/metrics.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 6 && cells[1].strip().startsWith("`")) {
        Set<String> labels =
            Stream.of(cells[3].split(",", -1))
                .map(label -> label.strip().replace("`", ""))
                .filter(label -> !label.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(rows.put(cells[1].strip().replace("`", ""), cells[2].strip() + " " + labels))
            .as(line)
            .isNull();
      }
    }
    return rows;
  }

  @Test
  void no_label_names_an_execution_an_artifact_or_a_digest() {
    assertThat(all.samples())
        .allSatisfy(sample -> {
          assertThat(sample.labels().keySet())
              .doesNotContain("execution", "artifact", "digest", "repository", "policy", "name");
          assertThat(sample.labels().toString()).doesNotContain("sha256:", "shop/web", "by-hand");
        });
  }

  @Test
  void numbers_follow_what_happened() {
    Scrape end = Scrape.of(world);
    for (String provider : List.of("default/dragonfly", "default/kraken")) {
      Map<String, String> of = Map.of("provider", provider);
      assertThat(end.sum("preheat_push_to_warm_seconds_count", of)).isGreaterThanOrEqualTo(4);
      assertThat(end.sum("preheat_push_to_warm_seconds_max", of)).isBetween(0.0, 120.0);
      assertThat(end.sum("preheat_warmed_bytes_total", of)).isGreaterThan(90_000_000);
      assertThat(end.sum("preheat_provider_usable", of)).isEqualTo(1);
      assertThat(end.sum("preheat_provider_queue_waiting_tasks", of)).isZero();
      assertThat(end.sum("preheat_provider_queue_oldest_waiting_seconds", of)).isZero();
      assertThat(
              end.sum(
                  "preheat_verifications_total", Map.of("provider", provider, "result", "warm")))
          .isGreaterThanOrEqualTo(4);
    }
    Map<String, String> main = Map.of("registry", "default/main");
    assertThat(end.sum("preheat_events_committed_total", main)).isGreaterThanOrEqualTo(4);
    assertThat(end.sum("preheat_registry_reachable", main)).isEqualTo(1);
    assertThat(end.sum("preheat_registry_webhooks_registered", main)).isEqualTo(1);
    assertThat(end.sum("preheat_webhook_requests_total", Map.of("code", "401"))).isEqualTo(1);
    assertThat(end.sum("preheat_executions_ended_total", Map.of("phase", "Failed"))).isEqualTo(1);
    assertThat(end.sum("preheat_objects_not_ready", Map.of("reason", "SecretNotFound")))
        .isEqualTo(1);
    assertThat(end.sum("preheat_leader", Map.of())).isEqualTo(1);
  }

  @Test
  void an_outage_is_seen_while_it_lasts() {
    Map<String, String> dragonfly = Map.of("provider", "default/dragonfly");
    assertThat(during.sum("preheat_provider_usable", dragonfly)).isZero();
    assertThat(during.sum("preheat_provider_usable", Map.of("provider", "default/kraken")))
        .isEqualTo(1);
    assertThat(during.sum("preheat_provider_queue_waiting_tasks", dragonfly))
        .isGreaterThanOrEqualTo(3);
    assertThat(during.sum("preheat_executions", Map.of("phase", "Running"))).isPositive();
    assertThat(
            during.sum(
                "preheat_provider_request_duration_seconds_count",
                Map.of("provider", "default/dragonfly", "outcome", "unreachable")))
        .isPositive();
  }

  @Test
  void every_request_to_a_system_has_a_name() {
    assertThat(all.values("operation"))
        .doesNotContain("other")
        .contains("system_info", "get_token", "create_job", "get_job", "probe", "look_for_blob");
  }

  @Test
  void what_is_deleted_is_no_longer_told() {
    world.client().resources(P2PProvider.class).inNamespace("default").withName("kraken").delete();
    world
        .client()
        .resources(HarborRegistry.class)
        .inNamespace("default")
        .withName("wrong")
        .delete();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          Scrape now = Scrape.of(world);
          assertThat(now.values("provider")).containsExactly("default/dragonfly");
          assertThat(now.values("registry")).containsExactly("default/main");
        });
  }

  @ParameterizedTest
  @MethodSource("queries")
  void a_query_names_what_there_is(Named query) {
    PromQuery read = PromQuery.read(query.text());
    assertThat(read.selectors()).as(query.text()).isNotEmpty();
    for (Selector selector : read.selectors()) {
      assertThat(all.names()).contains(selector.metric());
      Set<String> labels = all.labels(selector.metric());
      labels.addAll(OF_THE_TARGET);
      for (Matching matching : selector.matchings()) {
        assertThat(labels).as(selector.toString()).contains(matching.label());
        matching
            .values()
            .forEach(value -> assertThat(known(matching.label())).as(query.text()).contains(value));
      }
    }
    Set<String> labels = new TreeSet<>(OF_THE_TARGET);
    read.selectors().forEach(selector -> labels.addAll(all.labels(selector.metric())));
    assertThat(labels).as(query.text()).containsAll(read.groupings());
  }

  /** Values that a label can have: those seen, and those of closed lists. */
  private static Set<String> known(String label) {
    Set<String> values = all.values(label);
    switch (label) {
      case "reason" -> Stream.of(Reason.values()).map(Reason::toString).forEach(values::add);
      case "outcome" -> values.addAll(Set.of("busy", "error", "denied", "refused"));
      default -> {}
    }
    return values;
  }

  /** A query of the dashboard or of an alert, and where it stands. */
  record Named(String where, String text) {
    @Override
    public String toString() {
      return where;
    }
  }

  static List<Named> queries() throws IOException {
    List<Named> queries = new ArrayList<>(Dashboards.queries());
    Alerts.all().forEach(alert -> queries.add(new Named(alert.name(), alert.expression())));
    return queries;
  }
}
