package io.goharbor.preheat.e2e.world;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * What happens in the world, step by step, and what must come of it. Every outcome is read from the
 * Kubernetes API or from the simulators' caches.
 */
public final class Scenario {
  /** An expected outcome and whether it came. */
  public record Outcome(String expected, boolean observed, Duration after) {}

  /** Who watches. */
  public interface Watcher {
    /** A step begins. */
    void step(String title);

    /** An outcome was or was not observed. */
    void outcome(Outcome outcome);
  }

  /** Something that is done to the operator in the middle of the outage. */
  @FunctionalInterface
  public interface Disturbance {
    /** Does it. */
    void happen(World world) throws InterruptedException;

    /** Nothing. */
    static Disturbance none() {
      return world -> {};
    }
  }

  private static final Map<String, Long> LAYERS =
      Map.of("base", 28_000_000L, "runtime", 61_000_000L, "app", 4_200_000L);
  private static final Duration PATIENCE = Duration.ofSeconds(75);

  private final World world;
  private final Watcher watcher;
  private final Disturbance disturbance;
  private final List<Outcome> outcomes = new ArrayList<>();

  /** A scenario in a world whose operator is running. */
  public Scenario(World world, Watcher watcher, Disturbance disturbance) {
    this.world = world;
    this.watcher = watcher;
    this.disturbance = disturbance;
  }

  /** Plays it; gives all outcomes. */
  public List<Outcome> play() throws InterruptedException {
    begin();
    push();
    outage();
    byHand();
    strangers();
    return List.copyOf(outcomes);
  }

  private void begin() throws InterruptedException {
    watcher.step("The examples for Dragonfly and Kraken are applied");
    world.apply("quickstart-dragonfly.yaml");
    world.apply("quickstart-kraken.yaml");
    expect(
        "the Harbor is ready and the webhook is in its projects",
        () ->
            ready(HarborRegistry.class, "main")
                && !world.harbor().webhookPolicies("shop").isEmpty());
    expect(
        "both providers are ready",
        () -> ready(P2PProvider.class, "dragonfly") && ready(P2PProvider.class, "kraken"));
    expect(
        "both policies are in force",
        () -> ready(PreheatPolicy.class, "shop") && ready(PreheatPolicy.class, "shop-kraken"));
  }

  private void push() throws InterruptedException {
    watcher.step("shop/web:1.4.2 is pushed for two platforms");
    world.harbor().pushIndex("shop", "web", "1.4.2", List.of("linux/amd64", "linux/arm64"), LAYERS);
    expect("Dragonfly has both platforms, all of it warm", () -> warm("shop", "shop/web:1.4.2", 2));
    expect(
        "Kraken has the one platform that its policy asks for, all of it warm",
        () -> warm("shop-kraken", "shop/web:1.4.2", 1));
    expect(
        "every seed peer of Dragonfly really holds the layers",
        () -> tasks("shop", "shop/web:1.4.2").stream().allMatch(task -> seedsHold("shop")));
    watcher.step("An image that no policy wants is pushed");
    int before = world.executions().size();
    world.harbor().push("shop", "dev-tools", "latest", LAYERS);
    world.harbor().push("library", "nginx", "1.27", LAYERS);
    expect("Harbor's webhooks are answered", () -> world.harbor().webhookJobs().underWay() == 0);
    expect("no execution was made for it", () -> world.executions().size() == before);
  }

  private void outage() throws InterruptedException {
    watcher.step("Dragonfly goes down, and three images are pushed meanwhile");
    world.dragonfly().server().stop();
    expect(
        "the provider says that it is unreachable", () -> !ready(P2PProvider.class, "dragonfly"));
    for (String name : List.of("api", "cart", "mail")) {
      world.harbor().push("shop", name, "2.0.0", Map.of("base", 28_000_000L, name, 9_000_000L));
    }
    expect(
        "Kraken is warm all the same",
        () ->
            List.of("api", "cart", "mail").stream()
                .allMatch(name -> warm("shop-kraken", "shop/" + name + ":2.0.0", 1)));
    expect(
        "the tasks for Dragonfly wait and say why",
        () ->
            List.of("api", "cart", "mail").stream()
                .allMatch(name ->
                    tasks("shop", "shop/" + name + ":2.0.0").stream()
                        .anyMatch(task ->
                            task.state() == TaskState.WAITING
                                && String.valueOf(task.message()).contains("unreachable since"))));
    disturbance.happen(world);
    watcher.step("Dragonfly comes back");
    world.dragonfly().server().start();
    expect(
        "all three became warm by themselves",
        () ->
            List.of("api", "cart", "mail").stream()
                .allMatch(name -> warm("shop", "shop/" + name + ":2.0.0", 1)));
    expect(
        "no image was sent to Dragonfly twice",
        () ->
            world.dragonfly().preheated().stream().distinct().count()
                == world.dragonfly().preheated().size());
  }

  private void byHand() throws InterruptedException {
    watcher.step("A person asks for one image, and for one that is not there");
    PreheatExecution manual = (PreheatExecution) world.load("manual-execution.yaml").getFirst();
    manual.setMetadata(
        new ObjectMetaBuilder().withName("by-hand").withNamespace("default").build());
    world.client().resource(manual).create();
    PreheatExecution gate = (PreheatExecution) world.load("argocd-gate.yaml").getFirst();
    gate.getMetadata().setName("missing");
    gate.getMetadata().setNamespace("default");
    Objects.requireNonNull(gate.getSpec().images())
        .set(0, world.harbor().host() + "/shop/web:9.9.9");
    world.client().resource(gate).create();
    expect("the image is warm", () -> phase("by-hand") == Phase.SUCCEEDED);
    expect(
        "the other run failed and names the image",
        () ->
            phase("missing") == Phase.FAILED
                && String.valueOf(find("missing").getStatus().message())
                    .contains("shop/web:9.9.9"));
  }

  private void strangers() throws InterruptedException {
    watcher.step("Somebody else calls the webhook");
    expect("without the secret the answer is 401", () -> post("wrong", "{}") == 401);
    expect("what is no event is answered 400", () -> post(World.WEBHOOK_SECRET, "not json") == 400);
    expect(
        "an unknown type of event is answered 202 and ignored",
        () -> post(World.WEBHOOK_SECRET, "{\"type\":\"SOMETHING_NEW\"}") == 202);
  }

  private int post(String authorization, String body) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create(world.operator().webhookUrl() + "/hooks/default/main"))
                  .header("Authorization", authorization)
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void expect(String what, BooleanSupplier observed) throws InterruptedException {
    Instant start = Instant.now();
    boolean seen = false;
    while (!seen && Instant.now().isBefore(start.plus(PATIENCE))) {
      seen = observed.getAsBoolean();
      if (!seen) {
        Thread.sleep(100);
      }
    }
    Outcome outcome = new Outcome(what, seen, Duration.between(start, Instant.now()));
    outcomes.add(outcome);
    watcher.outcome(outcome);
  }

  private boolean ready(
      Class<? extends io.fabric8.kubernetes.api.model.HasMetadata> kind, String name) {
    Object found = world.client().resources(kind).inNamespace("default").withName(name).get();
    return switch (found) {
      case HarborRegistry registry when registry.getStatus() != null ->
          Conditions.isTrue(registry.getStatus().conditions(), "Ready")
              && Conditions.isTrue(registry.getStatus().conditions(), "WebhooksRegistered");
      case P2PProvider provider when provider.getStatus() != null ->
          Conditions.isTrue(provider.getStatus().conditions(), "Ready");
      case PreheatPolicy policy when policy.getStatus() != null ->
          Conditions.isTrue(policy.getStatus().conditions(), "Ready");
      case null, default -> false;
    };
  }

  private PreheatExecution find(String name) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .withName(name)
        .get();
  }

  private Phase phase(String name) {
    PreheatExecution execution = find(name);
    return execution == null || execution.getStatus() == null
        ? Phase.PENDING
        : execution.getStatus().effectivePhase();
  }

  private List<TaskStatus> tasks(String policy, String artifact) {
    return world.executions().stream()
        .filter(execution ->
            execution.getSpec().policyRef() != null
                && execution.getSpec().policyRef().name().equals(policy)
                && execution.getStatus() != null)
        .flatMap(execution -> execution.getStatus().taskList().stream())
        .filter(task -> task.artifact().equals(artifact))
        .toList();
  }

  private boolean warm(String policy, String artifact, int tasks) {
    List<TaskStatus> found = tasks(policy, artifact);
    return found.size() == tasks
        && found.stream()
            .allMatch(task ->
                task.state() == TaskState.SUCCEEDED
                    && Integer.valueOf(100).equals(task.warmPercent()));
  }

  private boolean seedsHold(String project) {
    return world.harbor().blobs(project, "web").stream()
        .allMatch(blob -> world.dragonfly().holders(blob).containsAll(List.of("seed-0", "seed-1")));
  }
}
