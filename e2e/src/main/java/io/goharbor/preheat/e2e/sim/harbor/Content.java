package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is stored in a simulated Harbor. Manifests are real bytes with real digests. */
final class Content {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A project. */
  static final class Project {
    final long id;
    final String name;
    final boolean isPublic;
    volatile boolean contentTrust;

    /** Whether it stands for a registry elsewhere, from which it fetches what is pulled. */
    volatile boolean proxyCache;

    final Map<String, Repository> repositories = new ConcurrentHashMap<>();
    final Map<Long, ObjectNode> webhooks = new ConcurrentHashMap<>();
    final Map<Long, ObjectNode> preheatPolicies = new ConcurrentHashMap<>();
    final Map<String, String> settings = new ConcurrentHashMap<>();

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
    private final Map<String, Artifact> tagged = new ConcurrentHashMap<>();

    Repository(long id, String name, Instant created) {
      this.id = id;
      this.name = name;
      this.created = created;
    }

    /** Moves a tag to an artifact. */
    synchronized void tag(Artifact artifact, String tag, Instant now) {
      if (artifact.tags.contains(tag)) {
        return;
      }
      Artifact before = tagged.put(tag, artifact);
      if (before != null) {
        before.tags.remove(tag);
      }
      artifact.tagTimes.put(tag, now);
      artifact.tags.add(tag);
    }

    /** The artifact of that digest or tag. */
    Optional<Artifact> find(String reference) {
      if (reference.startsWith("sha256:")) {
        return Optional.ofNullable(artifacts.get(reference));
      }
      return Optional.ofNullable(tagged.get(reference))
          .filter(artifact -> artifacts.get(artifact.digest) == artifact);
    }

    /** The blobs of all artifacts. */
    Stream<Blob> blobs() {
      return artifacts.values().stream().flatMap(artifact -> artifact.blobs.stream());
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
   * @param platform os/architecture or os/architecture/variant; null: the index does not say
   */
  record Child(Artifact artifact, IndexEntry.Kind kind, @Nullable String platform) {
    /** Writes the platform as the OCI index and Harbor do. */
    void writePlatform(ObjectNode json) {
      if (platform == null) {
        return;
      }
      String[] parts = platform.split("/", 3);
      json.put("architecture", parts[1]).put("os", parts[0]);
      if (parts.length > 2) {
        json.put("variant", parts[2]);
      }
    }
  }

  /** What is attached to an artifact, such as a signature. */
  record Accessory(long id, String type, Artifact artifact, Instant created) {}

  /** An artifact. */
  static final class Artifact {
    final long id;
    final String digest;
    final String type;
    final String mediaType;
    final String describedType;
    final String artifactType;
    final byte[] manifest;
    final List<Blob> blobs;
    final List<Child> children;
    final Set<String> tags = new CopyOnWriteArraySet<>();

    /** When each tag was set; what was taken away stays. */
    final Map<String, Instant> tagTimes = new ConcurrentHashMap<>();

    final Set<String> labels = new CopyOnWriteArraySet<>();
    final List<Accessory> accessories = new CopyOnWriteArrayList<>();
    volatile Instant pushTime;
    volatile @Nullable String severity;

    /** Harbor's word for where a scan stands that has no report; null: it has one, or none was. */
    volatile @Nullable String unfinishedScan;

    /** Whether it is attached to another: then no list of Harbor's shows it. */
    volatile boolean attached;

    Artifact(long id, ManifestWriter.Written written, byte[] manifest, Instant pushTime) {
      this.id = id;
      this.digest = Blob.sha256(manifest);
      this.type = written.type();
      this.mediaType = written.mediaType();
      this.describedType = written.described();
      this.artifactType = written.artifactType();
      this.manifest = manifest;
      this.blobs = written.blobs();
      this.children = written.children();
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
  volatile HarborSettings settings = new HarborSettings("v2.14.4-simulated", false, true);
  final Map<Long, ObjectNode> instances = new ConcurrentHashMap<>();
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
        .flatMap(found -> found.find(reference));
  }

  /** Stores what was written; what is there already keeps the time of its first push. */
  Artifact store(Repository repository, ManifestWriter.Written written, Instant now) {
    byte[] bytes;
    try {
      bytes = JSON.writeValueAsBytes(written.json());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    Artifact artifact = new Artifact(nextId(), written, bytes, now);
    Artifact before = repository.artifacts.putIfAbsent(artifact.digest, artifact);
    return before == null ? artifact : before;
  }
}
