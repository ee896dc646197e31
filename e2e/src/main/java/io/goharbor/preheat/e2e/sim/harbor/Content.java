package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    Repository repository(String repository) {
      return repositories.computeIfAbsent(repository, Repository::new);
    }
  }

  /** A repository, with its artifacts by digest. */
  static final class Repository {
    final String name;
    final Map<String, Artifact> artifacts = new ConcurrentHashMap<>();

    Repository(String name) {
      this.name = name;
    }
  }

  /** A child of an index. */
  record Child(String digest, String os, String architecture) {}

  /** A blob. */
  record Blob(String digest, long size) {}

  /** An artifact. */
  static final class Artifact {
    final long id;
    final String digest;
    final String type;
    final String mediaType;
    final byte[] manifest;
    final List<Blob> blobs;
    final List<Child> children;
    final Set<String> tags = new LinkedHashSet<>();
    final Set<String> labels = new LinkedHashSet<>();
    final Set<String> accessories = new LinkedHashSet<>();
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
      this.digest = sha256(manifest);
      this.type = type;
      this.mediaType = mediaType;
      this.manifest = manifest;
      this.blobs = blobs;
      this.children = children;
      this.pushTime = pushTime;
    }

    long size() {
      return blobs.stream().mapToLong(Blob::size).sum() + manifest.length;
    }
  }

  final Map<String, Project> projects = new ConcurrentHashMap<>();
  private long nextId = 1;

  synchronized long nextId() {
    return nextId++;
  }

  Project project(String name) {
    Project project = projects.get(name);
    if (project == null) {
      throw new IllegalArgumentException("the simulated Harbor has no project " + name);
    }
    return project;
  }

  Optional<Artifact> find(String project, String repository, String reference) {
    return Optional.ofNullable(projects.get(project))
        .map(found -> found.repositories.get(repository))
        .flatMap(found ->
            reference.startsWith("sha256:")
                ? Optional.ofNullable(found.artifacts.get(reference))
                : found.artifacts.values().stream()
                    .filter(artifact -> artifact.tags.contains(reference))
                    .findFirst());
  }

  /** Makes and stores a single-platform artifact out of layer names and sizes. */
  Artifact store(
      Project project, String repository, String type, Map<String, Long> layers, Instant now) {
    List<Blob> blobs = new ArrayList<>();
    String config = "config of " + layers;
    blobs.add(new Blob(sha256(config), 1500));
    layers.forEach((layer, size) -> blobs.add(new Blob(sha256("layer " + layer), size)));
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", OCI_MANIFEST);
    manifest
        .putObject("config")
        .put("mediaType", "application/vnd.oci.image.config.v1+json")
        .put("digest", blobs.getFirst().digest())
        .put("size", blobs.getFirst().size());
    blobs.stream()
        .skip(1)
        .forEach(blob ->
            manifest
                .withArray("layers")
                .addObject()
                .put("mediaType", "application/vnd.oci.image.layer.v1.tar+gzip")
                .put("digest", blob.digest())
                .put("size", blob.size()));
    return put(project, repository, type, OCI_MANIFEST, manifest, blobs, List.of(), now);
  }

  /** Makes and stores an index over stored artifacts. */
  Artifact storeIndex(
      Project project, String repository, Map<String, Artifact> byPlatform, Instant now) {
    ObjectNode index = JSON.createObjectNode();
    index.put("schemaVersion", 2).put("mediaType", OCI_INDEX);
    List<Child> children = new ArrayList<>();
    byPlatform.forEach((platform, artifact) -> {
      String[] parts = platform.split("/", 3);
      children.add(new Child(artifact.digest, parts[0], parts[1]));
      index
          .withArray("manifests")
          .addObject()
          .put("mediaType", OCI_MANIFEST)
          .put("digest", artifact.digest)
          .put("size", artifact.manifest.length)
          .putObject("platform")
          .put("os", parts[0])
          .put("architecture", parts[1]);
    });
    return put(project, repository, "IMAGE", OCI_INDEX, index, List.of(), children, now);
  }

  private Artifact put(
      Project project,
      String repository,
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
    Repository stored = project.repository(repository);
    Artifact artifact = new Artifact(nextId(), type, mediaType, bytes, blobs, children, now);
    Artifact before = stored.artifacts.putIfAbsent(artifact.digest, artifact);
    if (before != null) {
      before.pushTime = now;
      return before;
    }
    return artifact;
  }

  /** Sizes of all blobs and manifests of a repository, by digest. */
  static Map<String, Long> blobs(Repository repository) {
    Map<String, Long> all = new LinkedHashMap<>();
    for (Artifact artifact : repository.artifacts.values()) {
      artifact.blobs.forEach(blob -> all.put(blob.digest(), blob.size()));
    }
    return all;
  }

  static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  static String sha256(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
