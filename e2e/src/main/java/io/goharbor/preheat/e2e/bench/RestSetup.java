package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Fills the API with policies and finished executions. What an object at rest looks like is not
 * guessed: the operator brings a few to rest, and these are copied under other names.
 */
final class RestSetup {
  static final int PROJECTS = 50;

  private static final String ROOT = "/apis/preheat.goharbor.io/v1alpha1";
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int ARTIFACTS = 2;
  private static final Pattern HEX = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
  private static final List<String> SORTS = List.of("model-event", "model-cron", "model-asleep");

  private static final String POLICY =
      """
      apiVersion: preheat.goharbor.io/v1alpha1
      kind: PreheatPolicy
      metadata: {name: NAME, namespace: default, labels: {team: team-0000}}
      spec:
        harborRef: {name: main}
        providerRefs: [{name: dragonfly}, {name: kraken}]
        selector:
          projects: {include: [team-0000]}
          repositories: {include: ["svc-*", "apps/**"], exclude: ["**/dev-*", "dev-*"]}
          tags: {include: ["v*", "release-*"]}
        platforms: [linux/amd64]
        successfulExecutionsHistoryLimit: 100
        failedExecutionsHistoryLimit: 100
      """;

  private final World world;
  private final EmbeddedKube kube;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<JsonNode, JsonNode> shared = new HashMap<>();
  private final Map<String, String> policies = new HashMap<>();
  private final Map<String, String> executions = new HashMap<>();
  private final Map<String, String> digests = new HashMap<>();

  RestSetup(World world, EmbeddedKube kube) {
    this.world = world;
    this.kube = kube;
  }

  /**
   * Fills; the operator does not run afterwards.
   *
   * @param sweeps interval of the registries' catch-up sweeps
   */
  void fill(int policyCount, int executionCount, String sweeps) throws Exception {
    bringModelsToRest(sweeps);
    for (int i = 0; i < policyCount; i++) {
      int own = executionCount / policyCount + (i < executionCount % policyCount ? 1 : 0);
      fill(i, own);
    }
  }

  /** Number of bytes of a model of an execution, as the API sends it. */
  int executionBytes() {
    return of(executions, "model-event").getBytes(StandardCharsets.UTF_8).length;
  }

  private void bringModelsToRest(String sweeps) throws Exception {
    for (int i = 0; i < PROJECTS; i++) {
      String project = project(i);
      world.harbor().createProject(project, false);
      // Each model has its own: what another execution preheated already makes a shorter status.
      for (int artifact = 0; artifact < (i == 0 ? SORTS.size() * ARTIFACTS : 1); artifact++) {
        String name = "svc-" + artifact;
        String digest =
            world.harbor().push(project, name, "v1", Map.of(project + name, 5_000_000L));
        digests.put(project + "/" + name, digest);
      }
    }
    // Times of creation are in whole seconds: all of this was pushed before any policy was made.
    Thread.sleep(1_100);
    world.applyAsIs("quickstart-dragonfly.yaml");
    world.applyAsIs("quickstart-kraken.yaml");
    for (String name : List.of("shop", "shop-kraken")) {
      world.client().resources(PreheatPolicy.class).inNamespace("default").withName(name).delete();
    }
    HarborRegistry main = registries().withName("main").get();
    main.getMetadata().setName("second");
    main.getMetadata().setResourceVersion(null);
    main.getMetadata().setUid(null);
    world.client().resource(main).create();
    for (String name : List.of("main", "second")) {
      registries()
          .withName(name)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"catchUp\":{\"interval\":\"" + sweeps + "\"}}}");
    }
    String half = "0 3 1 " + Instant.now().atZone(ZoneOffset.UTC).plusMonths(6).getMonthValue();
    create("model-event", "triggers: {events: [Pushed]}");
    create(
        "model-cron",
        "triggers: {events: [Pushed], schedule: {cron: \"" + half + " *\"}}",
        "executionTemplate: {ttlAfterFinished: 720h}");
    create("model-asleep", "triggers: {events: [Pushed]}");
    world.startOperator();
    for (String sort : SORTS) {
      PreheatPolicy policy = policies().withName(sort).get();
      int first = SORTS.indexOf(sort) * ARTIFACTS;
      List<ArtifactRef> artifacts =
          IntStream.range(first, first + ARTIFACTS)
              .mapToObj(i -> "team-0000/svc-" + i)
              .map(name -> new ArtifactRef(name, "v1", digests.get(name)))
              .toList();
      world
          .client()
          .resource(ExecutionFactory.of(policy, Trigger.EVENT, "models", artifacts))
          .create();
    }
    await("the models end", () -> SORTS.stream().allMatch(this::ended));
    policies()
        .withName("model-asleep")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
    await("the models are at rest", () -> SORTS.stream().allMatch(this::atRest));
    await(
        "the registries are at rest",
        () ->
            registries().list().getItems().stream()
                .allMatch(registry ->
                    registry.getStatus() != null
                        && registry.getStatus().catchUp() != null
                        && Conditions.isTrue(registry.getStatus().conditions(), "Ready")));
    world.operator().terminate(Duration.ofSeconds(30));
    // The next one need not wait until this one's lease has run out.
    world.client().leases().inNamespace("default").delete();
    take();
  }

  private void create(String name, String... more) throws IOException {
    StringBuilder text = new StringBuilder(POLICY.replace("NAME", name));
    for (String line : more) {
      text.append("  ").append(line).append('\n');
    }
    world.client().resource(Serialization.unmarshal(text.toString(), PreheatPolicy.class)).create();
  }

  private boolean ended(String policy) {
    return executions(policy).stream()
        .anyMatch(execution ->
            execution.getStatus() != null && execution.getStatus().effectivePhase().terminal());
  }

  private boolean atRest(String name) {
    PreheatPolicy policy = policies().withName(name).get();
    return policy.getStatus() != null
        && policy.getStatus().lastExecution() != null
        && policy.getStatus().active() == null
        && (name.equals("model-asleep")
            || Conditions.isTrue(policy.getStatus().conditions(), "Ready"))
        && Long.valueOf(ARTIFACTS).equals(policy.getStatus().preheatedArtifacts())
        && policy.getMetadata().getGeneration().equals(policy.getStatus().observedGeneration());
  }

  private List<PreheatExecution> executions(String policy) {
    return world.executions().stream()
        .filter(execution ->
            execution.getSpec().policyRef() != null
                && execution.getSpec().policyRef().name().equals(policy))
        .toList();
  }

  private io.fabric8.kubernetes.client.dsl.NonNamespaceOperation<
          PreheatPolicy,
          io.fabric8.kubernetes.api.model.KubernetesResourceList<PreheatPolicy>,
          io.fabric8.kubernetes.client.dsl.Resource<PreheatPolicy>>
      policies() {
    return world.client().resources(PreheatPolicy.class).inNamespace("default");
  }

  private io.fabric8.kubernetes.client.dsl.NonNamespaceOperation<
          HarborRegistry,
          io.fabric8.kubernetes.api.model.KubernetesResourceList<HarborRegistry>,
          io.fabric8.kubernetes.client.dsl.Resource<HarborRegistry>>
      registries() {
    return world.client().resources(HarborRegistry.class).inNamespace("default");
  }

  /** Reads the models, and takes them out of the API. */
  private void take() throws IOException {
    for (String sort : SORTS) {
      PreheatExecution execution = executions(sort).getFirst();
      executions.put(sort, managed(tree(execution), "status"));
      policies.put(sort, managed(tree(policies().withName(sort).get()), "status"));
      policies().withName(sort).delete();
    }
  }

  /** With the record of who set which field that a real API server keeps in each object. */
  private String managed(ObjectNode object, String subresource) throws IOException {
    ArrayNode managers = object.withObject("/metadata").putArray("managedFields");
    for (String part : List.of("spec", subresource)) {
      ObjectNode manager = managers.addObject();
      manager
          .put("apiVersion", object.path("apiVersion").asText())
          .put("fieldsType", "FieldsV1")
          .put("manager", "harbor-preheat-operator")
          .put("operation", "Apply")
          .put("time", object.at("/metadata/creationTimestamp").asText());
      if (part.equals(subresource)) {
        manager.put("subresource", subresource);
      }
      manager.putObject("fieldsV1").set("f:" + part, fields(object.path(part)));
    }
    return json.writeValueAsString(object);
  }

  private ObjectNode fields(JsonNode of) {
    ObjectNode fields = json.createObjectNode();
    of.properties()
        .forEach(entry -> {
          ObjectNode inner = fields.putObject("f:" + entry.getKey());
          if (entry.getValue().isObject()) {
            inner.setAll(fields(entry.getValue()));
          }
          for (JsonNode item : entry.getValue()) {
            String key = item.has("id") ? "id" : item.has("type") ? "type" : "";
            if (!key.isEmpty() && entry.getValue().isArray()) {
              inner
                  .putObject("k:{\"" + key + "\":\"" + item.path(key).asText() + "\"}")
                  .setAll(fields(item));
            }
          }
        });
    return fields;
  }

  private void fill(int number, int own) throws IOException {
    String sort = number % 50 == 49 ? SORTS.get(2) : number % 10 == 0 ? SORTS.get(1) : SORTS.get(0);
    String name = String.format(Locale.ROOT, "policy-%05d", number);
    String uid = uuid(number, 0);
    ObjectNode model = read(policy(sort));
    Instant created = Instant.parse(model.at("/metadata/creationTimestamp").asText());
    String modelUid = model.at("/metadata/uid").asText();
    ObjectNode execution = read(of(executions, sort));
    String last = null;
    for (int i = 0; i < own; i++) {
      last =
          String.format(
              Locale.ROOT,
              "%s-%012x",
              name,
              (number * 1_000_003L + i * 7_919L) * 2_654_435_761L & 0xffffffffffffL);
      String text =
          renamed(of(executions, sort), sort, name, number)
              .replace(modelUid, uid)
              .replace(execution.at("/metadata/uid").asText(), uuid(number, i + 1))
              .replace(execution.at("/metadata/name").asText().replace(sort, name), last);
      ObjectNode copy = read(distinct(text, number, i));
      copy.withObject("/metadata").put("creationTimestamp", created.plusSeconds(i + 1).toString());
      kube.load(ROOT, "preheatexecutions", (ObjectNode) shared(copy));
    }
    ObjectNode copy = read(renamed(policy(sort), sort, name, number).replace(modelUid, uid));
    ObjectNode status = copy.withObject("/status");
    status.put("preheatedArtifacts", own * ARTIFACTS);
    if (last == null) {
      status.remove(List.of("lastExecution", "lastEventTime"));
    } else {
      status.put("lastExecution", last);
      status.put("lastEventTime", created.plusSeconds(own).toString());
    }
    kube.load(ROOT, "preheatpolicies", (ObjectNode) shared(copy));
  }

  private static String renamed(String text, String sort, String name, int number) {
    String renamed = text.replace(sort, name).replace("team-0000", project(number % PROJECTS));
    return number % 2 == 0
        ? renamed
        : renamed
            .replace("\"harborRef\":{\"name\":\"main\"}", "\"harborRef\":{\"name\":\"second\"}")
            .replace("\"harborRef\":\"main\"", "\"harborRef\":\"second\"");
  }

  /** Every digest becomes another one, the same for the same. */
  private static String distinct(String text, int number, int execution) {
    return HEX.matcher(text)
        .replaceAll(match -> {
          long seed = match.group().hashCode() * 31L + number * 1_000_003L + execution;
          java.util.SplittableRandom random = new java.util.SplittableRandom(seed);
          return String.format(
              Locale.ROOT,
              "%016x%016x%016x%016x",
              random.nextLong(),
              random.nextLong(),
              random.nextLong(),
              random.nextLong());
        });
  }

  /** The same tree with equal values and equal small subtrees kept once, to spare memory. */
  private JsonNode shared(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String fixed : List.of("managedFields", "conditions", "settings", "providers")) {
        if (object.has(fixed)) {
          object.set(fixed, shared.computeIfAbsent(object.get(fixed), same -> same));
        }
      }
      object.properties().forEach(entry -> entry.setValue(shared(entry.getValue())));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, shared(array.get(i)));
      }
    } else if (node.asText().length() < 40) {
      return shared.computeIfAbsent(node, same -> same);
    }
    return node;
  }

  private ObjectNode tree(Object object) throws IOException {
    return read(world.client().getKubernetesSerialization().asJson(object));
  }

  private ObjectNode read(String text) throws IOException {
    return (ObjectNode) json.readTree(text);
  }

  private String policy(String sort) {
    return of(policies, sort);
  }

  private static String of(Map<String, String> models, String sort) {
    return java.util.Objects.requireNonNull(models.get(sort));
  }

  private static String project(int number) {
    return String.format(Locale.ROOT, "team-%04d", number);
  }

  private static String uuid(int number, int execution) {
    return new UUID(number * 0x9e3779b97f4a7c15L, execution * 0xc2b2ae3d27d4eb4fL + number)
        .toString();
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant until = Instant.now().plus(LIMIT);
    while (!condition.call()) {
      if (Instant.now().isAfter(until)) {
        throw new IllegalStateException("not within " + LIMIT + ": " + what);
      }
      Thread.sleep(100);
    }
  }
}
