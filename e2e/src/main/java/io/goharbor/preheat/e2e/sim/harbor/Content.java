package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What is stored in a simulated Harbor. Manifests are real bytes with real digests. */
final class Content {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A project. */
  static final class Project {
    final long id;
    final String name;
    final boolean isPublic;
    volatile boolean contentTrust;
    final Map<String, Repository> repositories = new ConcurrentHashMap<>();
    final Map<Long, ObjectNode> webhooks = new ConcurrentHashMap<>();

    Project(long id, String name, boolean isPublic) {
      this.id = id;
      this.name = name;
      this.isPublic = isPublic;
    }
  }

  /** A repository, with its artifacts by digest. */
  static final class Repository {
    final long id;
    final String name;
    final Instant created;
    final Map<String, Artifact> artifacts = new ConcurrentHashMap<>();

    Repository(long id, String name, Instant created) {
      this.id = id;
      this.name = name;
      this.created = created;
    }

    /** Moves a tag to an artifact. */
    synchronized void tag(Artifact artifact, String tag) {
      artifacts.values().forEach(other -> other.tags.remove(tag));
      artifact.tags.add(tag);
    }

    /** Whether an index of the repository names the artifact. */
    boolean isChild(Artifact artifact) {
      return artifacts.values().stream()
          .anyMatch(index ->
              index.children.stream()
                  .anyMatch(child -> child.artifact().digest.equals(artifact.digest)));
    }
  }

  /**
   * A child of an index.
   *
   * @param platform os/architecture or os/architecture/variant
   */
  record Child(Artifact artifact, String platform) {
    /** Writes the platform as the OCI index and Harbor do. */
    void writePlatform(ObjectNode json) {
      String[] parts = platform.split("/", 3);
      json.put("architecture", parts[1]).put("os", parts[0]);
      if (parts.length > 2) {
        json.put("variant", parts[2]);
      }
    }
  }

  /** What is attached to an artifact, such as a signature. */
  record Accessory(long id, String type, Artifact artifact) {}

  /** An artifact. */
  static final class Artifact {
    final long id;
    final String digest;
    final String type;
    final String mediaType;
    final byte[] manifest;
    final List<Blob> blobs;
    final List<Child> children;
    final Set<String> tags = new CopyOnWriteArraySet<>();
    final Set<String> labels = new CopyOnWriteArraySet<>();
    final List<Accessory> accessories = new CopyOnWriteArrayList<>();
    volatile Instant pushTime;
    volatile @Nullable String severity;

    Artifact(
        long id,
        String type,
        String mediaType,
        byte[] manifest,
        List<Blob> blobs,
        List<Child> children,
        Instant pushTime) {
      this.id = id;
      this.digest = Blob.sha256(manifest);
      this.type = type;
      this.mediaType = mediaType;
      this.manifest = manifest;
      this.blobs = blobs;
      this.children = children;
      this.pushTime = pushTime;
    }

    long size() {
      return manifest.length
          + blobs.stream().mapToLong(Blob::size).sum()
          + children.stream().mapToLong(child -> child.artifact().size()).sum();
    }

    boolean has(String accessory) {
      return accessories.stream().anyMatch(attached -> attached.type().equals(accessory));
    }
  }

  final Map<String, Project> projects = new ConcurrentHashMap<>();
  private final Map<String, Long> labelIds = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();

  long nextId() {
    return lastId.incrementAndGet();
  }

  /** The id of a global label. */
  long labelId(String name) {
    return labelIds.computeIfAbsent(name, ignored -> nextId());
  }

  Project project(String name) {
    Project project = projects.get(name);
    if (project == null) {
      throw new IllegalArgumentException("the simulated Harbor has no project " + name);
    }
    return project;
  }

  Repository repository(Project project, String name, Instant now) {
    return project.repositories.computeIfAbsent(
        name, ignored -> new Repository(nextId(), name, now));
  }

  Optional<Artifact> find(Project project, String repository, String reference) {
    return Optional.ofNullable(project.repositories.get(repository))
        .flatMap(found ->
            reference.startsWith("sha256:")
                ? Optional.ofNullable(found.artifacts.get(reference))
                : found.artifacts.values().stream()
                    .filter(artifact -> artifact.tags.contains(reference))
                    .findFirst());
  }

  /** Makes and stores a single-platform artifact out of layer names and sizes. */
  Artifact store(
      Repository repository, String type, String platform, Map<String, Long> layers, Instant now) {
    List<Blob> blobs = new ArrayList<>();
    blobs.add(Blob.config(platform, layers));
    layers.forEach((name, size) -> blobs.add(Blob.layer(name, size)));
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", OCI_MANIFEST);
    descriptor(
        manifest.putObject("config"),
        "application/vnd.oci.image.config.v1+json",
        blobs.getFirst().digest(),
        blobs.getFirst().size());
    manifest.putArray("layers");
    for (Blob layer : blobs.subList(1, blobs.size())) {
      descriptor(
          manifest.withArray("layers").addObject(),
          "application/vnd.oci.image.layer.v1.tar+gzip",
          layer.digest(),
          layer.size());
    }
    return put(repository, type, OCI_MANIFEST, manifest, blobs, List.of(), now);
  }

  /** Makes and stores an index over stored artifacts. */
  Artifact storeIndex(Repository repository, Map<String, Artifact> byPlatform, Instant now) {
    ObjectNode index = JSON.createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", OCI_INDEX).putArray("manifests");
    List<Child> children = new ArrayList<>();
    byPlatform.forEach((platform, artifact) -> {
      Child child = new Child(artifact, platform);
      children.add(child);
      ObjectNode entry = index.withArray("manifests").addObject();
      descriptor(entry, OCI_MANIFEST, artifact.digest, artifact.manifest.length);
      child.writePlatform(entry.putObject("platform"));
    });
    return put(repository, "IMAGE", OCI_INDEX, index, List.of(), children, now);
  }

  private static void descriptor(ObjectNode json, String mediaType, String digest, long size) {
    json.put("mediaType", mediaType).put("digest", digest).put("size", size);
  }

  private Artifact put(
      Repository repository,
      String type,
      String mediaType,
      ObjectNode manifest,
      List<Blob> blobs,
      List<Child> children,
      Instant now) {
    byte[] bytes;
    try {
      bytes = JSON.writeValueAsBytes(manifest);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    Artifact artifact = new Artifact(nextId(), type, mediaType, bytes, blobs, children, now);
    Artifact before = repository.artifacts.putIfAbsent(artifact.digest, artifact);
    if (before != null) {
      before.pushTime = now;
      return before;
    }
    return artifact;
  }

  /** All blobs of a repository, by digest. */
  static Map<String, Blob> blobs(Repository repository) {
    Map<String, Blob> all = new LinkedHashMap<>();
    for (Artifact artifact : repository.artifacts.values()) {
      artifact.blobs.forEach(blob -> all.put(blob.digest(), blob));
    }
    return all;
  }
}
