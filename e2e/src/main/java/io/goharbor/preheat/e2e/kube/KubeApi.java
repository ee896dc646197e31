package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What the API does with a request, apart from HTTP. */
final class KubeApi {
  /**
   * A request.
   *
   * @param path without the query
   */
  record Request(
      String method,
      String path,
      Map<String, String> query,
      String contentType,
      String accept,
      byte[] body) {

    boolean asks(String name) {
      return "true".equals(query.get(name)) || "1".equals(query.get(name));
    }
  }

  /** An answer. */
  record Answer(int status, JsonNode body, List<String> warnings) {
    static Answer of(int status, JsonNode body) {
      return new Answer(status, body, List.of());
    }
  }

  /**
   * What a path names.
   *
   * @param name empty for a collection
   * @param subresource empty for the object itself
   */
  record Target(KubeType type, String namespace, String name, String subresource) {
    boolean collection() {
      return name.isEmpty();
    }
  }

  private static final String NAME_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";

  private final KubeStore store = new KubeStore();
  private final Map<String, KubeType> types = new ConcurrentHashMap<>();
  private final Map<String, CustomSchema> schemas = new ConcurrentHashMap<>();

  KubeApi() {
    for (KubeType type :
        List.of(
            KubeType.builtIn("", "v1", "namespaces", "Namespace", false),
            KubeType.builtIn("", "v1", "secrets", "Secret", true),
            KubeType.builtIn("", "v1", "configmaps", "ConfigMap", true),
            KubeType.builtIn("", "v1", "events", "Event", true),
            KubeType.builtIn("", "v1", "services", "Service", true),
            KubeType.builtIn("", "v1", "serviceaccounts", "ServiceAccount", true),
            KubeType.builtIn("apps", "v1", "deployments", "Deployment", true),
            KubeType.builtIn("coordination.k8s.io", "v1", "leases", "Lease", true),
            KubeType.builtIn("networking.k8s.io", "v1", "ingresses", "Ingress", true),
            KubeType.builtIn("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true),
            KubeType.builtIn("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
            KubeType.builtIn(
                "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
            KubeType.builtIn(
                "rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
            KubeType.builtIn(
                "rbac.authorization.k8s.io",
                "v1",
                "clusterrolebindings",
                "ClusterRoleBinding",
                false),
            // Kept and shown, not enforced: that is for a real API server.
            KubeType.builtIn(
                "admissionregistration.k8s.io",
                "v1",
                "validatingadmissionpolicies",
                "ValidatingAdmissionPolicy",
                false),
            KubeType.builtIn(
                "admissionregistration.k8s.io",
                "v1",
                "validatingadmissionpolicybindings",
                "ValidatingAdmissionPolicyBinding",
                false),
            KubeType.builtIn(
                "apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions",
                "CustomResourceDefinition",
                false))) {
      types.put(type.root() + "/" + type.plural(), type);
    }
    for (String namespace : List.of("default", "kube-system")) {
      ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
      Json.metadata(object)
          .put("name", namespace)
          .withObject("/labels")
          .put("kubernetes.io/metadata.name", namespace);
      store.create(type("/api/v1/namespaces"), object);
    }
  }

  KubeStore store() {
    return store;
  }

  Collection<KubeType> types() {
    return types.values();
  }

  private KubeType type(String path) {
    KubeType type = types.get(path);
    if (type == null) {
      throw new KubeError(404, "NotFound", "the server could not find the requested resource");
    }
    return type;
  }

  /** What a path names; empty when it names no resource. */
  Optional<Target> target(String path) {
    String[] parts = path.substring(1).split("/", -1);
    int start = parts[0].equals("api") ? 2 : 3;
    if ((!parts[0].equals("api") && !parts[0].equals("apis")) || parts.length <= start) {
      return Optional.empty();
    }
    String root = "/" + String.join("/", List.of(parts).subList(0, start));
    List<String> rest = List.of(parts).subList(start, parts.length);
    String namespace = "";
    if (rest.getFirst().equals("namespaces") && rest.size() > 2) {
      namespace = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    KubeType type = types.get(root + "/" + rest.getFirst());
    if (type == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Target(
            type,
            namespace,
            rest.size() > 1 ? rest.get(1) : "",
            rest.size() > 2 ? rest.get(2) : ""));
  }

  Answer handle(Request request) {
    if (request.path().startsWith("/apis/authorization.k8s.io/")) {
      return allowed(request);
    }
    Optional<Target> found = target(request.path());
    if (found.isEmpty()) {
      return Discovery.answer(request.path(), types.values())
          .map(answer -> Answer.of(200, answer))
          .orElseThrow(() ->
              new KubeError(404, "NotFound", "the server could not find the requested resource"));
    }
    Target target = found.get();
    return switch (request.method()) {
      case "GET" -> get(target, request);
      case "POST" -> post(target, request);
      case "PUT" -> put(target, request);
      case "PATCH" -> patch(target, request);
      case "DELETE" -> delete(target, request);
      default -> throw new KubeError(405, "MethodNotAllowed", request.method() + " is not served");
    };
  }

  /** Whoever asks may do everything here; a real API server is the judge of roles. */
  private static Answer allowed(Request request) {
    ObjectNode review = (ObjectNode) Json.read(request.body(), false);
    ObjectNode status = review.putObject("status");
    status.put("allowed", true).put("incomplete", false);
    ObjectNode rule = status.putArray("resourceRules").addObject();
    for (String field : List.of("verbs", "apiGroups", "resources")) {
      rule.putArray(field).add("*");
    }
    status.putArray("nonResourceRules");
    return Answer.of(201, review);
  }

  private Answer get(Target target, Request request) {
    boolean table = request.accept().contains("as=Table");
    if (!target.collection()) {
      JsonNode object = existing(target);
      return Answer.of(
          200,
          table
              ? Tables.of(
                  target.type(),
                  List.of(object),
                  object.at("/metadata/resourceVersion").asText(),
                  Instant.now())
              : object);
    }
    int limit = Integer.parseInt(request.query().getOrDefault("limit", "0"));
    if (limit > 0 && !table) {
      return page(target, request, limit);
    }
    KubeStore.Snapshot snapshot =
        store.list(
            target.type(),
            target.namespace(),
            Selectors.of(
                request.query().get("labelSelector"), request.query().get("fieldSelector")));
    if (table) {
      return Answer.of(
          200,
          Tables.of(
              target.type(), snapshot.objects(), Long.toString(snapshot.version()), Instant.now()));
    }
    return Answer.of(200, list(target, Long.toString(snapshot.version()), snapshot.objects()));
  }

  /**
   * One page. The token holds the version of the first page and the last key: a watch from that
   * version tells what changed while the pages were read.
   */
  private Answer page(Target target, Request request, int limit) {
    String token = request.query().getOrDefault("continue", "");
    int split = token.indexOf(' ');
    KubeStore.Snapshot snapshot =
        store.page(
            target.type(),
            target.namespace(),
            Selectors.of(
                request.query().get("labelSelector"), request.query().get("fieldSelector")),
            token.substring(split + 1),
            limit);
    String version = split < 0 ? Long.toString(snapshot.version()) : token.substring(0, split);
    ObjectNode list = list(target, version, snapshot.objects());
    if (snapshot.objects().size() == limit) {
      JsonNode last = snapshot.objects().getLast();
      Json.metadata(list)
          .put("continue", version + " " + KubeStore.key(Json.namespace(last), Json.name(last)));
    }
    return Answer.of(200, list);
  }

  private static ObjectNode list(Target target, String version, List<JsonNode> objects) {
    ObjectNode list = Json.object();
    list.put("kind", target.type().kind() + "List").put("apiVersion", target.type().apiVersion());
    list.putObject("metadata").put("resourceVersion", version);
    list.putArray("items").addAll(objects);
    return list;
  }

  /** Stores an object as it is, with the defaults that every reader sees. */
  void load(String root, String plural, ObjectNode object) {
    CustomSchema schema = schemas.get(root + "/" + plural);
    if (schema != null) {
      schema.setDefaults(object);
    }
    store.load(type(root + "/" + plural), object);
  }

  /** Changes of a kind from now on. */
  KubeStore.Watch watch(String root, String plural) {
    return store.watch(type(root + "/" + plural), store.version());
  }

  private JsonNode existing(Target target) {
    JsonNode object = store.find(target.type(), target.namespace(), target.name());
    if (object == null) {
      throw KubeError.notFound(target.type(), target.name());
    }
    return object;
  }

  private Answer post(Target target, Request request) {
    ObjectNode object = body(target, request);
    ObjectNode metadata = Json.metadata(object);
    if (Json.name(object).isEmpty()) {
      String prefix = metadata.path("generateName").asText("");
      if (prefix.isEmpty()) {
        throw new KubeError(422, "Invalid", "metadata.name: Required value");
      }
      metadata.put("name", prefix + suffix());
    }
    place(target, object);
    refuseWhereTerminating(target, object);
    List<String> warnings = admit(target.type(), object, null, request);
    if (target.type().hasStatus()) {
      object.remove("status");
    }
    if (request.query().containsKey("dryRun")) {
      return new Answer(201, object, warnings);
    }
    JsonNode created = store.create(target.type(), object);
    registered(target.type(), created);
    return new Answer(201, created, warnings);
  }

  private Answer put(Target target, Request request) {
    ObjectNode object = body(target, request);
    Json.metadata(object).put("name", target.name());
    place(target, object);
    JsonNode old = existing(target);
    return write(target, object, old, old.equals(object) ? "" : version(object), request);
  }

  private Answer patch(Target target, Request request) {
    boolean apply = request.contentType().startsWith("application/apply-patch");
    JsonNode patch = Json.read(request.body(), apply);
    CustomSchema schema = schemas.get(target.type().root() + "/" + target.type().plural());
    if (apply && schema != null) {
      TypedPatch.check(target, schema, patch);
    }
    JsonNode old = store.find(target.type(), target.namespace(), target.name());
    if (old == null) {
      if (!apply || !target.subresource().isEmpty()) {
        throw KubeError.notFound(target.type(), target.name());
      }
      ObjectNode object = patch.deepCopy();
      Json.metadata(object).put("name", target.name());
      Answer created =
          post(
              new Target(target.type(), target.namespace(), "", ""),
              new Request(
                  "POST",
                  request.path(),
                  request.query(),
                  "application/json",
                  request.accept(),
                  Json.write(object)));
      store.applied(appliedKey(target, request), patch);
      return created;
    }
    ObjectNode object;
    if (apply) {
      object = Patches.apply((ObjectNode) old, store.applied(appliedKey(target, request)), patch);
    } else if (request.contentType().startsWith("application/json-patch")) {
      object = (ObjectNode) JsonPatch.apply(patch, old.deepCopy());
    } else {
      object = (ObjectNode) Patches.merge(old, patch);
    }
    Answer written = write(target, object, old, version(patch), request);
    if (apply) {
      store.applied(appliedKey(target, request), patch);
    }
    return written;
  }

  private static String appliedKey(Target target, Request request) {
    return target.type().plural()
        + "/"
        + KubeStore.key(target.namespace(), target.name())
        + "|"
        + target.subresource()
        + "|"
        + request.query().getOrDefault("fieldManager", "");
  }

  /** Writes an object or its status; each leaves the other as it stands. */
  private Answer write(
      Target target, ObjectNode wanted, JsonNode old, String expected, Request request) {
    ObjectNode object;
    if (target.subresource().equals("status")) {
      object = old.deepCopy();
      if (wanted.has("status")) {
        object.set("status", wanted.get("status"));
      } else {
        object.remove("status");
      }
    } else {
      object = wanted;
      if (target.type().hasStatus()) {
        if (old.has("status")) {
          object.set("status", old.get("status"));
        } else {
          object.remove("status");
        }
      }
    }
    object.put("apiVersion", target.type().apiVersion()).put("kind", target.type().kind());
    List<String> warnings = admit(target.type(), object, old, request);
    if (request.query().containsKey("dryRun")) {
      return new Answer(200, object, warnings);
    }
    JsonNode stored = store.replace(target.type(), object, expected);
    registered(target.type(), stored);
    return new Answer(200, stored, warnings);
  }

  private Answer delete(Target target, Request request) {
    if (target.collection()) {
      KubeStore.Snapshot all =
          store.list(
              target.type(),
              target.namespace(),
              Selectors.of(
                  request.query().get("labelSelector"), request.query().get("fieldSelector")));
      all.objects().stream()
          .filter(
              // What one of them owned is gone with it.
              object ->
                  store.find(target.type(), Json.namespace(object), Json.name(object)) != null)
          .forEach(
              object -> store.delete(target.type(), Json.namespace(object), Json.name(object)));
      return Answer.of(200, Json.object().put("kind", "Status").put("status", "Success"));
    }
    JsonNode object = existing(target);
    if (request.body().length > 0) {
      JsonNode wanted = Json.read(request.body(), false).at("/preconditions/uid");
      if (wanted.isTextual() && !wanted.asText().equals(object.at("/metadata/uid").asText())) {
        throw KubeError.conflict(target.type(), target.name());
      }
    }
    JsonNode deleted = store.delete(target.type(), target.namespace(), target.name());
    if (target.type().plural().equals("customresourcedefinitions")) {
      KubeType gone = KubeType.custom(deleted);
      types.remove(gone.root() + "/" + gone.plural());
    }
    return Answer.of(200, deleted);
  }

  private ObjectNode body(Target target, Request request) {
    JsonNode body = Json.read(request.body(), request.contentType().contains("yaml"));
    if (!(body instanceof ObjectNode object)) {
      throw new KubeError(400, "BadRequest", "the body is not an object");
    }
    object.put("apiVersion", target.type().apiVersion()).put("kind", target.type().kind());
    return object;
  }

  private void place(Target target, ObjectNode object) {
    if (!target.type().namespaced()) {
      return;
    }
    Json.metadata(object).put("namespace", target.namespace());
    if (store.find(type("/api/v1/namespaces"), "", target.namespace()) == null) {
      throw new KubeError(404, "NotFound", "namespaces \"" + target.namespace() + "\" not found");
    }
  }

  /** As the admission plugin NamespaceLifecycle does. */
  private void refuseWhereTerminating(Target target, ObjectNode object) {
    JsonNode namespace =
        target.type().namespaced()
            ? store.find(type("/api/v1/namespaces"), "", target.namespace())
            : null;
    if (namespace != null && namespace.path("metadata").has("deletionTimestamp")) {
      throw new KubeError(
          403,
          "Forbidden",
          target.type().plural()
              + " \""
              + Json.name(object)
              + "\" is forbidden: unable to create new content in namespace "
              + target.namespace()
              + " because it is being terminated");
    }
  }

  /** Prunes, sets defaults and validates; gives warnings. */
  private List<String> admit(
      KubeType type, ObjectNode object, @Nullable JsonNode old, Request request) {
    if (type.plural().equals("secrets")) {
      encodeStringData(object);
    }
    CustomSchema schema = schemas.get(type.root() + "/" + type.plural());
    if (schema == null) {
      return List.of();
    }
    List<String> unknown = schema.prune(object);
    if (!unknown.isEmpty() && "Strict".equals(request.query().get("fieldValidation"))) {
      throw new KubeError(
          400,
          "BadRequest",
          type.kind()
              + " in version \""
              + type.version()
              + "\" cannot be handled as a "
              + type.kind()
              + ": strict decoding error: unknown field \""
              + unknown.getFirst()
              + "\"");
    }
    schema.setDefaults(object);
    schema.validate(object, old);
    return unknown.stream().map(field -> "unknown field \"" + field + "\"").toList();
  }

  private static void encodeStringData(ObjectNode secret) {
    JsonNode plain = secret.remove("stringData");
    if (plain != null) {
      ObjectNode data = secret.withObject("/data");
      plain
          .properties()
          .forEach(entry ->
              data.put(
                  entry.getKey(),
                  Base64.getEncoder()
                      .encodeToString(entry.getValue().asText().getBytes(StandardCharsets.UTF_8))));
    }
  }

  /** A stored CRD is served from now on. */
  private void registered(KubeType type, JsonNode object) {
    if (!type.plural().equals("customresourcedefinitions")) {
      return;
    }
    KubeType custom = KubeType.custom(object);
    String path = custom.root() + "/" + custom.plural();
    types.put(path, custom);
    CustomSchema schema = new CustomSchema(custom);
    schemas.put(path, schema);
    // Defaults are set also in what was stored before there was such a field.
    store.reread(custom, schema::setDefaults);
    if (object.at("/status/conditions").isMissingNode()) {
      ObjectNode established = object.deepCopy();
      ObjectNode status = established.putObject("status");
      for (String condition : List.of("NamesAccepted", "Established")) {
        status
            .withArray("conditions")
            .addObject()
            .put("type", condition)
            .put("status", "True")
            .put("reason", "Embedded")
            .put("message", "")
            .put("lastTransitionTime", object.at("/metadata/creationTimestamp").asText());
      }
      status.set("acceptedNames", object.at("/spec/names"));
      status.putArray("storedVersions").add(custom.version());
      store.replace(type, established, "");
    }
  }

  private static String version(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText("");
  }

  private static String suffix() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      text.append(
          NAME_CHARACTERS.charAt(ThreadLocalRandom.current().nextInt(NAME_CHARACTERS.length())));
    }
    return text.toString();
  }

  /** Splits and decodes a query. */
  static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    if (raw != null) {
      for (String pair : new ArrayList<>(List.of(raw.split("&", -1)))) {
        int equals = pair.indexOf('=');
        query.put(
            java.net.URLDecoder.decode(
                equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8),
            equals < 0
                ? ""
                : java.net.URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }
}
