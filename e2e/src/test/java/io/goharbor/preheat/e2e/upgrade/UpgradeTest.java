package io.goharbor.preheat.e2e.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Objects of the frozen version are served and reconciled by this one; on the way back nothing is
 * lost but what the frozen definitions have no field for. Only one operator exists as yet, so it is
 * this version's that runs before and after; what an older one would make of the objects is said by
 * what its definitions keep.
 */
class UpgradeTest {
  private static final List<String> KINDS =
      List.of("HarborRegistry", "P2PProvider", "PreheatPolicy", "PreheatExecution");
  private static final String VERSION = "preheat.goharbor.io/v1alpha1";
  private static final Map<String, Long> LAYERS = Map.of("base", 28_000_000L, "app", 4_200_000L);
  private static final String VERIFY =
      """
      apiVersion: preheat.goharbor.io/v1alpha1
      kind: PreheatExecution
      metadata:
        name: verified
      spec:
        operation: Verify
        taskTimeout: 10m
        harborRef:
          name: main
        providerRefs:
          - name: dragonfly
        images:
          - harbor.example.com/shop/web:1.0.0
        target:
          scope: AllSeedPeers
      """;

  @Test
  void on_the_embedded_api(@TempDir Path scratch) throws Exception {
    play(EmbeddedKube.start(), scratch);
  }

  @Test
  void on_a_real_api_server(@TempDir Path scratch) throws Exception {
    play(RealKubes.startOrSkip(scratch.resolve("kube")), scratch);
  }

  private static void play(Kube kube, Path scratch) throws Exception {
    try (World world = new World(Definitions.ROOT, scratch, kube)) {
      new Upgrade(world, world.client()).play();
    }
  }

  /** One way up, back, and up again. */
  private record Upgrade(World world, KubernetesClient client) {
    void play() throws Exception {
      // The world put this version's in force; nothing is stored under them yet.
      Definitions.previous().apply(client);
      awaitOperationField(false);
      writeOldObjects();
      Map<String, JsonNode> old = read();

      Definitions.current().apply(client);
      awaitOperationField(true);
      Map<String, JsonNode> served = read();
      old.forEach((name, object) -> assertKept(name, object, object(served, name)));

      world.startOperator();
      takesUpWhatIsThere(old);
      writesWhatIsNew();
      assertThat(world.operator().terminate(Duration.ofSeconds(20))).isTrue();
      Map<String, JsonNode> last = read();

      Definitions.previous().apply(client);
      awaitOperationField(false);
      last.keySet().forEach(this::touch);
      Map<String, JsonNode> back = read();
      losesOnlyWhatIsUnknown(last, back);

      Definitions.current().apply(client);
      awaitOperationField(true);
      doesNothingTwice(back);
    }

    private void writeOldObjects() throws IOException {
      for (var object : world.load("quickstart-dragonfly.yaml")) {
        if (object instanceof Secret) {
          client.resource(object).inNamespace("default").create();
        }
      }
      String api = world.harbor().push("shop", "api", "1.0.0", LAYERS);
      Long job =
          world
              .dragonfly()
              .seed(
                  List.of(Duration.ofSeconds(60)),
                  world.harbor().url() + "/v2/shop/api/manifests/" + api,
                  List.copyOf(world.harbor().blobs("shop", "api")))
              .getFirst();
      String text =
          Files.readString(Path.of("src/test/resources/previous/objects.yaml"))
              .replace("DIGEST-WEB", world.harbor().push("shop", "web", "1.0.0", LAYERS))
              .replace("DIGEST-API", api)
              .replace("JOB-API", job.toString())
              .replace(
                  "TIME",
                  Instant.now().minusSeconds(600).truncatedTo(ChronoUnit.SECONDS).toString());
      Set<String> kinds = new TreeSet<>();
      try (MappingIterator<JsonNode> all =
          Definitions.YAML.readerFor(JsonNode.class).readValues(world.filled(text))) {
        while (all.hasNext()) {
          ObjectNode object = (ObjectNode) all.next();
          kinds.add(object.path("kind").asText());
          JsonNode status = object.path("status");
          GenericKubernetesResource created = create(object);
          if (status.isObject()) {
            created.setAdditionalProperty("status", status);
            client
                .genericKubernetesResources(VERSION, created.getKind())
                .inNamespace("default")
                .resource(created)
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .updateStatus();
          }
        }
      }
      assertThat(kinds).containsExactlyInAnyOrderElementsOf(KINDS);
    }

    /** Strictly: the API server knows each field. */
    private GenericKubernetesResource create(JsonNode object) {
      return client
          .genericKubernetesResources(VERSION, object.path("kind").asText())
          .inNamespace("default")
          .resource(Serialization.unmarshal(object.toString(), GenericKubernetesResource.class))
          .fieldValidation(FieldValidateable.Validation.STRICT)
          .create();
    }

    private void takesUpWhatIsThere(Map<String, JsonNode> old) {
      awaitReady("HarborRegistry main", "P2PProvider dragonfly", "PreheatPolicy shop");
      awaitReady("P2PProvider kraken");
      awaitPhase("PreheatExecution under-way", "Succeeded");
      awaitPhase("PreheatExecution fresh", "Succeeded");
      Map<String, JsonNode> now = read();
      for (String ended : List.of("PreheatExecution done", "PreheatExecution broken")) {
        assertKept(ended, object(old, ended), object(now, ended));
      }
      for (JsonNode task : object(now, "PreheatExecution under-way").at("/status/tasks")) {
        assertThat(task.path("state").asText()).isEqualTo("Succeeded");
      }
      assertThat(world.dragonfly().holders(firstBlob())).contains("seed-0", "seed-1");
    }

    private String firstBlob() {
      return world.harbor().blobs("shop", "web").stream().findFirst().orElseThrow();
    }

    private void writesWhatIsNew() throws IOException {
      create(Definitions.YAML.readTree(world.filled(VERIFY)));
      patch("P2PProvider dragonfly", "{\"spec\":{\"dragonfly\":{\"submitTimeout\":\"7s\"}}}");
      awaitPhase("PreheatExecution verified", "Succeeded");
      world.harbor().push("shop", "web", "2.0.0", LAYERS);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(read().values())
                  .filteredOn(object -> object.at("/spec/trigger").asText().equals("Event"))
                  .filteredOn(object -> object.toString().contains("2.0.0"))
                  .extracting(object -> object.at("/status/phase").asText())
                  .containsExactly("Succeeded"));
    }

    private static void losesOnlyWhatIsUnknown(
        Map<String, JsonNode> last, Map<String, JsonNode> back) throws IOException {
      Definitions previous = Definitions.previous();
      Set<String> lost = new TreeSet<>();
      last.forEach((name, object) -> {
        JsonNode schema = previous.schema(object.path("kind").asText());
        for (String part : List.of("spec", "status")) {
          compare(
              part,
              object.path(part),
              object(back, name).path(part),
              schema.path("properties").path(part),
              lost);
        }
      });
      assertThat(lost)
          .contains(
              "spec.operation",
              "spec.taskTimeout",
              "spec.dragonfly.submitTimeout",
              "status.settings");
    }

    /** Adds the paths that are gone and unknown to the schema; all else must be as it was. */
    private static void compare(
        String path, JsonNode was, JsonNode is, JsonNode schema, Set<String> lost) {
      if (was.isObject() && schema.has("properties")) {
        for (var field : was.properties()) {
          JsonNode known = schema.path("properties").path(field.getKey());
          String below = path + "." + field.getKey();
          if (known.isMissingNode()) {
            assertThat(is.has(field.getKey())).as("%s is kept", below).isFalse();
            lost.add(below);
          } else {
            compare(below, field.getValue(), is.path(field.getKey()), known, lost);
          }
        }
      } else if (was.isArray()) {
        assertThat(is).as(path).hasSize(was.size());
        for (int i = 0; i < was.size(); i++) {
          compare(path + "[]", was.get(i), is.path(i), schema.path("items"), lost);
        }
      } else {
        assertThat(is).as(path).isEqualTo(was);
      }
    }

    private void doesNothingTwice(Map<String, JsonNode> back) throws InterruptedException {
      int sent = world.dragonfly().preheated().size();
      world.startOperator();
      String touched = Instant.now().toString();
      patch(
          "PreheatPolicy shop",
          "{\"metadata\":{\"annotations\":{\"example.com/touched\":\"" + touched + "\"}}}");
      awaitReady(
          "HarborRegistry main",
          "P2PProvider dragonfly",
          "P2PProvider kraken",
          "PreheatPolicy shop");
      // A run that begins now comes after all that the operator found at its start.
      String digest = world.harbor().push("shop", "web", "3.0.0", Map.of("new", 1_000_000L));
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(read().values())
                  .filteredOn(object -> object.at("/spec/trigger").asText().equals("Event"))
                  .filteredOn(object -> object.toString().contains(digest))
                  .extracting(object -> object.at("/status/phase").asText())
                  .containsExactly("Succeeded"));
      assertThat(world.dragonfly().preheated()).hasSize(sent + 1);
      Map<String, JsonNode> now = read();
      back.forEach((name, object) -> {
        // The history of the policy may have taken one away.
        if (name.startsWith("PreheatExecution ") && now.containsKey(name)) {
          for (String field : List.of("phase", "completionTime", "tasks")) {
            assertThat(object(now, name).path("status").path(field))
                .as("%s status.%s", name, field)
                .isEqualTo(object.path("status").path(field));
          }
        }
      });
      assertThat(now).containsKeys("PreheatExecution broken", "PreheatExecution fresh");
    }

    private static JsonNode object(Map<String, JsonNode> all, String name) {
      return Objects.requireNonNull(all.get(name), name);
    }

    /** Everything of ours, by kind and name. */
    private Map<String, JsonNode> read() {
      Map<String, JsonNode> all = new TreeMap<>();
      for (String kind : KINDS) {
        for (GenericKubernetesResource object :
            client
                .genericKubernetesResources(VERSION, kind)
                .inNamespace("default")
                .list()
                .getItems()) {
          JsonNode node = Serialization.unmarshal(Serialization.asJson(object), JsonNode.class);
          all.put(kind + " " + object.getMetadata().getName(), node);
        }
      }
      return all;
    }

    /** All that was there is there; an API server may have added defaults. */
    private static void assertKept(String name, JsonNode was, JsonNode is) {
      for (String part : List.of("spec", "status")) {
        List<String> gone = new ArrayList<>();
        gone(part, was.path(part), is.path(part), gone);
        assertThat(gone).as(name).isEmpty();
      }
    }

    private static void gone(String path, JsonNode was, JsonNode is, List<String> gone) {
      if (was.isObject()) {
        was.forEachEntry((key, value) -> gone(path + "." + key, value, is.path(key), gone));
      } else if (was.isArray() && was.size() == is.size()) {
        for (int i = 0; i < was.size(); i++) {
          gone(path + "[" + i + "]", was.get(i), is.get(i), gone);
        }
      } else if (!was.equals(is)) {
        gone.add(path + " was " + was + " and is " + is);
      }
    }

    private void touch(String name) {
      patch(name, "{\"metadata\":{\"annotations\":{\"example.com/touched\":\"back\"}}}");
    }

    private void patch(String name, String patch) {
      String[] parts = name.split(" ", 2);
      client
          .genericKubernetesResources(VERSION, parts[0])
          .inNamespace("default")
          .withName(parts[1])
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private void awaitReady(String... names) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            Map<String, JsonNode> all = read();
            for (String name : names) {
              assertThat(object(all, name).at("/status/conditions"))
                  .as("%s\n%s", name, world.operator().output())
                  .anyMatch(condition ->
                      condition.path("type").asText().equals("Ready")
                          && condition.path("status").asText().equals("True"));
            }
          });
    }

    private void awaitPhase(String name, String phase) {
      await()
          .atMost(Duration.ofSeconds(75))
          .untilAsserted(() -> {
            JsonNode execution = object(read(), name);
            assertThat(execution.at("/status/phase").asText())
                .as("%s\n%s", execution, world.operator().output())
                .isEqualTo(phase);
          });
    }

    /**
     * A definition is in force some moments after it is written, and an API server sets up its
     * storage again for it.
     */
    private void awaitOperationField(boolean known) throws IOException {
      ObjectNode probe = (ObjectNode) Definitions.YAML.readTree(VERIFY);
      ((ObjectNode) probe.path("metadata")).put("name", "probe");
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            assertThat(tried(probe)).contains(known ? "created" : "unknown field");
            assertThatCode(this::read).doesNotThrowAnyException();
          });
    }

    private String tried(JsonNode object) {
      try {
        client.raw(
            "/apis/"
                + VERSION
                + "/namespaces/default/preheatexecutions?dryRun=All&fieldValidation=Strict",
            "POST",
            object);
        return "created";
      } catch (KubernetesClientException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }
}
