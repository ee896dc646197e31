package io.goharbor.preheat.e2e.hostile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.e2e.image.ImagePlan;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.runtime.Main;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A cluster with one operator for all: the namespace {@link #PLATFORM}, whose Secrets and preheats
 * matter, and the namespace {@link #TENANT}, whose owner means no good. The operator has the memory
 * and the options of the JVM that the chart and the image give it.
 */
final class SharedCluster implements AutoCloseable {
  /** Where the victim is. */
  static final String PLATFORM = "platform";

  /** Where the attacker may create what he likes. */
  static final String TENANT = "tenant";

  /** The limit of the container's memory in the chart's values. */
  private static final String MEMORY = "384m";

  private static final Duration START = Duration.ofMinutes(3);
  private static final String VERSION = "preheat.goharbor.io/v1alpha1";
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final YAMLMapper YAML = new YAMLMapper();

  private final World world;
  private final Kube kube;
  private final KubernetesClient tenant;
  private final List<HostileServer> servers = new ArrayList<>();
  private final Pulse pulse;
  private final Victim victim;

  private SharedCluster(
      Path scratch, Kube kube, Map<String, String> settings, @Nullable String user)
      throws Exception {
    this.kube = kube;
    this.tenant = kube.client();
    if (user != null) {
      tenant.getConfiguration().setImpersonateUsername(user);
    }
    this.world = new World(ROOT, scratch, kube);
    try {
      for (String name : List.of(PLATFORM, TENANT)) {
        world
            .client()
            .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
            .createOr(NonDeletingOperation::update);
      }
      settings.forEach(world.operator()::with);
      world.operator().command(command());
      world.operator().start();
      world.operator().awaitReady(START);
      this.pulse = new Pulse(world.operator());
      this.victim = new Victim(this);
    } catch (Exception | AssertionError e) {
      tenant.close();
      world.close();
      throw e;
    }
  }

  /** One on an embedded API server. */
  static SharedCluster embedded(Path scratch) throws Exception {
    return new SharedCluster(scratch, EmbeddedKube.start(), Map.of(), null);
  }

  /**
   * One on a given API server.
   *
   * @param settings variables of the operator's environment
   * @param user as whom the tenant does what he does
   */
  static SharedCluster on(Path scratch, Kube kube, Map<String, String> settings, String user)
      throws Exception {
    return new SharedCluster(scratch, kube, settings, user);
  }

  private static List<String> command() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:MaxRAM=" + MEMORY);
    command.addAll(ImagePlan.jvmOptions(ROOT));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return command;
  }

  World world() {
    return world;
  }

  KubernetesClient client() {
    return world.client();
  }

  Victim victim() {
    return victim;
  }

  Pulse pulse() {
    return pulse;
  }

  /** A server that the tenant runs; it ends with the cluster. */
  HostileServer server(HostileServer.Conduct conduct) {
    HostileServer server = new HostileServer(conduct);
    servers.add(server);
    return server;
  }

  /** The servers that the tenant runs. */
  List<HostileServer> servers() {
    return List.copyOf(servers);
  }

  /** Creates a Secret. */
  void secret(String namespace, String name, Map<String, byte[]> data) {
    SecretBuilder secret =
        new SecretBuilder().withNewMetadata().withNamespace(namespace).withName(name).endMetadata();
    data.forEach((key, value) -> secret.addToData(key, Base64.getEncoder().encodeToString(value)));
    client().resource(secret.build()).create();
  }

  /** The same of one text. */
  void secret(String namespace, String name, String key, String value) {
    secret(namespace, name, Map.of(key, value.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Tries to create an object, as the tenant.
   *
   * @param spec as YAML
   * @return null, or why the API server refused it
   */
  @Nullable String tried(String kind, String name, String spec) {
    try {
      create(TENANT, kind, name, spec);
      return null;
    } catch (KubernetesClientException e) {
      if (e.getCode() != 422 && e.getCode() != 400) {
        throw e;
      }
      return String.valueOf(e.getMessage());
    }
  }

  /** Creates an object. */
  void create(String namespace, String kind, String name, String spec) {
    (namespace.equals(TENANT) ? tenant : client())
        .resource(
            Serialization.unmarshal(
                object(namespace, kind, name, spec).toString(), GenericKubernetesResource.class))
        .create();
  }

  /**
   * Stores objects of the tenant as if they had been there before the schema forbade them.
   *
   * @param specs by kind and name, with a space between
   */
  void old(Map<String, String> specs) {
    if (kube instanceof EmbeddedKube embedded) {
      specs.forEach((what, spec) -> {
        String[] parts = what.split(" ", 2);
        load(embedded, parts[0], object(TENANT, parts[0], parts[1], spec));
      });
    } else {
      OldDefinitions.during(
          client(),
          () ->
              specs.forEach((what, spec) -> {
                String[] parts = what.split(" ", 2);
                create(TENANT, parts[0], parts[1], spec);
              }));
    }
  }

  private static void load(EmbeddedKube embedded, String kind, ObjectNode object) {
    ((ObjectNode) object.path("metadata"))
        .put("uid", UUID.randomUUID().toString())
        .put("generation", 1)
        .put("resourceVersion", "1")
        .put("creationTimestamp", Instant.now().toString());
    embedded.load("/apis/" + VERSION, plural(kind), object);
  }

  private static ObjectNode object(String namespace, String kind, String name, String spec) {
    try {
      ObjectNode object = YAML.createObjectNode().put("apiVersion", VERSION).put("kind", kind);
      object.putObject("metadata").put("namespace", namespace).put("name", name);
      object.set("spec", YAML.readTree(spec));
      return object;
    } catch (IOException e) {
      throw new IllegalArgumentException(spec, e);
    }
  }

  private static String plural(String kind) {
    return switch (kind) {
      case "HarborRegistry" -> "harborregistries";
      case "P2PProvider" -> "p2pproviders";
      case "PreheatPolicy" -> "preheatpolicies";
      case "PreheatExecution" -> "preheatexecutions";
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** An object as it stands; empty when there is none. */
  JsonNode read(String namespace, String kind, String name) {
    GenericKubernetesResource found =
        client()
            .genericKubernetesResources(VERSION, kind)
            .inNamespace(namespace)
            .withName(name)
            .get();
    return found == null
        ? YAML.missingNode()
        : Serialization.unmarshal(Serialization.asJson(found), JsonNode.class);
  }

  /** All objects of a kind in a namespace. */
  List<JsonNode> all(String namespace, String kind) {
    return client()
        .genericKubernetesResources(VERSION, kind)
        .inNamespace(namespace)
        .list()
        .getItems()
        .stream()
        .map(object -> Serialization.unmarshal(Serialization.asJson(object), JsonNode.class))
        .toList();
  }

  /** A condition of an object; empty when it has none of that type. */
  JsonNode condition(String namespace, String kind, String name, String type) {
    for (JsonNode condition : read(namespace, kind, name).at("/status/conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    return YAML.missingNode();
  }

  /**
   * Changes all objects of a kind that the tenant has, so that they are checked.
   *
   * @param merge the change
   */
  void change(String kind, String merge) {
    for (JsonNode object : all(TENANT, kind)) {
      client()
          .genericKubernetesResources(VERSION, kind)
          .inNamespace(TENANT)
          .withName(object.at("/metadata/name").asText())
          .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
    }
  }

  /** Deletes all objects of a kind that the tenant has. */
  void clear(String kind) {
    client().genericKubernetesResources(VERSION, kind).inNamespace(TENANT).delete();
  }

  @Override
  public void close() {
    pulse.close();
    victim.close();
    servers.forEach(HostileServer::close);
    tenant.close();
    world.close();
  }
}
