package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All objects, one version counter, one lock. Objects are never changed in place, so they can be
 * read and sent without a copy.
 */
final class KubeStore {
  /** A change, as watches tell it. */
  record Change(
      long version, KubeType type, String kind, JsonNode object, @Nullable JsonNode old) {}

  /** A list and the version at which it was true. */
  record Snapshot(long version, List<JsonNode> objects) {}

  /** A watch: changes that arrive from now on, or null when it must be started again. */
  final class Watch implements AutoCloseable {
    final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final KubeType type;

    Watch(KubeType type) {
      this.type = type;
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }

  /** Where an object stands. */
  private record Place(String type, String key) {}

  private static final int HISTORY = 20_000;

  private final Map<String, KubeType> types = new HashMap<>();
  private final Map<String, NavigableMap<String, JsonNode>> objects = new HashMap<>();
  private final Map<String, JsonNode> applied = new HashMap<>();

  /** By the UIDs of owners; what is there no longer may still be named. */
  private final Map<String, Set<Place>> owned = new HashMap<>();

  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final Deque<Change> history = new ArrayDeque<>();
  private long version = 1;
  private long forgotten = 1;

  synchronized @Nullable JsonNode find(KubeType type, String namespace, String name) {
    return of(type).get(key(namespace, name));
  }

  synchronized Snapshot list(KubeType type, String namespace, Predicate<JsonNode> which) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode object : of(type).values()) {
      if ((namespace.isEmpty() || Json.namespace(object).equals(namespace)) && which.test(object)) {
        found.add(object);
      }
    }
    return new Snapshot(version, found);
  }

  /**
   * One page of a list, in the order of the keys.
   *
   * @param after key after which the page begins; empty: the first
   */
  synchronized Snapshot page(
      KubeType type, String namespace, Predicate<JsonNode> which, String after, int limit) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode object : of(type).tailMap(after, false).values()) {
      if ((namespace.isEmpty() || Json.namespace(object).equals(namespace)) && which.test(object)) {
        found.add(object);
        if (found.size() == limit) {
          break;
        }
      }
    }
    return new Snapshot(version, found);
  }

  /** Stores an object as it is, with what a server would have filled in long ago. */
  synchronized void load(KubeType type, ObjectNode object) {
    put(type, key(Json.namespace(object), Json.name(object)), object, null);
  }

  /** Reads all objects of a type in another way from now on; no one is told of it. */
  synchronized void reread(KubeType type, Consumer<ObjectNode> reading) {
    of(type)
        .replaceAll((key, object) -> {
          ObjectNode read = object.deepCopy();
          reading.accept(read);
          return read;
        });
  }

  synchronized JsonNode create(KubeType type, ObjectNode object) {
    ObjectNode metadata = Json.metadata(object);
    String key = key(Json.namespace(object), Json.name(object));
    if (of(type).containsKey(key)) {
      throw new KubeError(
          409,
          "AlreadyExists",
          type.plural() + "." + type.group() + " \"" + Json.name(object) + "\" already exists");
    }
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("generation", 1);
    metadata.put("creationTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    metadata.remove(List.of("deletionTimestamp", "managedFields", "selfLink"));
    return put(type, key, object, null);
  }

  /**
   * Replaces an object; one that equals what stands changes nothing.
   *
   * @param expected the version that must stand, or empty
   */
  synchronized JsonNode replace(KubeType type, ObjectNode object, String expected) {
    String key = key(Json.namespace(object), Json.name(object));
    JsonNode old = of(type).get(key);
    if (old == null) {
      throw KubeError.notFound(type, Json.name(object));
    }
    if (!expected.isEmpty()
        && !expected.equals(old.path("metadata").path("resourceVersion").asText())) {
      throw KubeError.conflict(type, Json.name(object));
    }
    ObjectNode metadata = Json.metadata(object);
    for (String fixed :
        List.of("uid", "creationTimestamp", "deletionTimestamp", "generation", "resourceVersion")) {
      JsonNode value = old.path("metadata").path(fixed);
      if (value.isMissingNode()) {
        metadata.remove(fixed);
      } else {
        metadata.set(fixed, value);
      }
    }
    metadata.remove("managedFields");
    if (object.equals(old)) {
      return old;
    }
    if (!object.path("spec").equals(old.path("spec"))) {
      metadata.put("generation", old.path("metadata").path("generation").asLong() + 1);
    }
    boolean dying = metadata.has("deletionTimestamp");
    if (dying && !held(type, object)) {
      return remove(type, key, object);
    }
    return put(type, key, object, old);
  }

  /**
   * Deletes an object, or marks it when finalizers hold it. A namespace is marked, then all that is
   * in it is deleted, and it goes with the last of that.
   */
  synchronized JsonNode delete(KubeType type, String namespace, String name) {
    String key = key(namespace, name);
    JsonNode old = of(type).get(key);
    if (old == null) {
      throw KubeError.notFound(type, name);
    }
    if (!held(type, old)) {
      return remove(type, key, (ObjectNode) old.deepCopy());
    }
    if (old.path("metadata").has("deletionTimestamp")) {
      return old;
    }
    ObjectNode marked = old.deepCopy();
    Json.metadata(marked)
        .put("deletionTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("generation", old.path("metadata").path("generation").asLong() + 1);
    if (!isNamespace(type)) {
      return put(type, key, marked, old);
    }
    marked.withObject("/status").put("phase", "Terminating");
    JsonNode terminating = put(type, key, marked, old);
    for (Place place : contents(name)) {
      KubeType content = Objects.requireNonNull(types.get(place.type()));
      JsonNode object = of(content).get(place.key());
      // What one of them owned is gone with it.
      if (object != null) {
        delete(content, name, Json.name(object));
      }
    }
    return terminating;
  }

  private static boolean isNamespace(KubeType type) {
    return type.group().isEmpty() && type.plural().equals("namespaces");
  }

  private boolean held(KubeType type, JsonNode object) {
    return !object.path("metadata").path("finalizers").isEmpty()
        || (isNamespace(type) && !contents(Json.name(object)).isEmpty());
  }

  /** What is in a namespace, Secrets and ConfigMaps before custom resources. */
  private List<Place> contents(String namespace) {
    List<Place> places = new ArrayList<>();
    new TreeMap<>(objects)
        .forEach((type, all) ->
            all.subMap(key(namespace, ""), key(namespace, "\uffff"))
                .keySet()
                .forEach(key -> places.add(new Place(type, key))));
    return places;
  }

  /** A namespace that is being deleted goes when the last object in it is gone. */
  private void leave(String namespace) {
    KubeType type = namespace.isEmpty() ? null : types.get("/namespaces");
    JsonNode object = type == null ? null : of(type).get(key("", namespace));
    if (type != null
        && object != null
        && object.path("metadata").has("deletionTimestamp")
        && !held(type, object)) {
      remove(type, key("", namespace), (ObjectNode) object.deepCopy());
    }
  }

  /** What a field manager applied last. */
  synchronized @Nullable JsonNode applied(String key) {
    return applied.get(key);
  }

  synchronized void applied(String key, JsonNode configuration) {
    applied.put(key, configuration);
  }

  /**
   * Starts a watch.
   *
   * @param since changes after this version are replayed; null: what is there now comes first
   */
  synchronized Watch watch(KubeType type, @Nullable Long since) {
    if (since != null && since < forgotten) {
      throw new KubeError(410, "Expired", "too old resource version: " + since);
    }
    Watch watch = new Watch(type);
    if (since == null) {
      of(type)
          .values()
          .forEach(object -> watch.changes.add(new Change(version, type, "ADDED", object, null)));
    } else {
      history.stream()
          .filter(change -> change.version() > since && same(change.type(), type))
          .forEach(watch.changes::add);
    }
    watches.add(watch);
    return watch;
  }

  synchronized long version() {
    return version;
  }

  /** Deletes objects that name an owner which is gone, as a garbage collector does. */
  private void collect(String ownerUid) {
    for (Place place : List.copyOf(owned.getOrDefault(ownerUid, Set.of()))) {
      KubeType type = types.get(place.type());
      JsonNode object = type == null ? null : of(type).get(place.key());
      if (type != null && object != null && owners(object).contains(ownerUid)) {
        delete(type, Json.namespace(object), Json.name(object));
      }
    }
    owned.remove(ownerUid);
  }

  private static List<String> owners(JsonNode object) {
    List<String> uids = new ArrayList<>();
    for (JsonNode owner : object.path("metadata").path("ownerReferences")) {
      uids.add(owner.path("uid").asText());
    }
    return uids;
  }

  private NavigableMap<String, JsonNode> of(KubeType type) {
    String key = key(type);
    types.put(key, type);
    return objects.computeIfAbsent(key, ignored -> new TreeMap<>());
  }

  private JsonNode put(KubeType type, String key, ObjectNode object, @Nullable JsonNode old) {
    version++;
    Json.metadata(object).put("resourceVersion", Long.toString(version));
    of(type).put(key, object);
    Place place = new Place(key(type), key);
    for (String owner : owners(object)) {
      owned.computeIfAbsent(owner, ignored -> new LinkedHashSet<>()).add(place);
    }
    tell(new Change(version, type, old == null ? "ADDED" : "MODIFIED", object, old));
    return object;
  }

  private JsonNode remove(KubeType type, String key, ObjectNode object) {
    version++;
    Json.metadata(object).put("resourceVersion", Long.toString(version));
    of(type).remove(key);
    for (String owner : owners(object)) {
      owned.computeIfPresent(
          owner,
          (uid, places) -> {
            places.remove(new Place(key(type), key));
            return places.isEmpty() ? null : places;
          });
    }
    applied.keySet().removeIf(name -> name.startsWith(type.plural() + "/" + key + "|"));
    tell(new Change(version, type, "DELETED", object, object));
    collect(object.path("metadata").path("uid").asText());
    leave(Json.namespace(object));
    return object;
  }

  private void tell(Change change) {
    history.add(change);
    while (history.size() > HISTORY) {
      forgotten = history.remove().version();
    }
    for (Watch watch : watches) {
      if (same(watch.type, change.type())) {
        watch.changes.add(change);
      }
    }
  }

  private static boolean same(KubeType one, KubeType other) {
    return one.plural().equals(other.plural()) && one.group().equals(other.group());
  }

  private static String key(KubeType type) {
    return type.group() + "/" + type.plural();
  }

  static String key(String namespace, String name) {
    return namespace + "/" + name;
  }
}
