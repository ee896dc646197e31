package io.goharbor.preheat.e2e.sim.harbor;

import io.goharbor.preheat.e2e.sim.harbor.Content.Artifact;
import io.goharbor.preheat.e2e.sim.harbor.Content.Child;
import io.goharbor.preheat.e2e.sim.harbor.Content.Project;
import io.goharbor.preheat.e2e.sim.harbor.Content.Repository;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What clients push, in their order: manifests first, then the index, each with its event. */
final class Pushes {
  private final Content content;
  private final WebhookEvents events;
  private final InstantSource clock;

  Pushes(Content content, WebhookEvents events, InstantSource clock) {
    this.content = content;
    this.events = events;
    this.clock = clock;
  }

  String tagged(String project, String repository, String tag, ManifestWriter.Written written) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    Artifact artifact = content.store(stored, written, clock.instant());
    stored.tag(artifact, tag, clock.instant());
    events.send(found, stored, "PUSH_ARTIFACT", artifact, tag);
    return artifact.digest;
  }

  /**
   * Stores what somebody pulled through a proxy cache: Harbor pushes it to itself by digest, and
   * sends no event for the tag, since the artifact exists by then (controller/artifact, Ensure).
   */
  String pulledThrough(
      String project, String repository, String tag, ManifestWriter.Written written) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    Artifact artifact = content.store(stored, written, clock.instant());
    events.send(found, stored, "PUSH_ARTIFACT", artifact, null);
    stored.tag(artifact, tag, clock.instant());
    return artifact.digest;
  }

  String index(String project, String repository, String tag, List<IndexEntry> entries) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    return tagged(project, repository, tag, ManifestWriter.index(children(found, stored, entries)));
  }

  private List<Child> children(Project project, Repository repository, List<IndexEntry> entries) {
    List<Child> children = new ArrayList<>();
    for (IndexEntry entry : entries) {
      String platform = entry.platform() == null ? "linux/amd64" : entry.platform();
      ManifestWriter.Written written =
          switch (entry.kind()) {
            case INDEX -> ManifestWriter.index(children(project, repository, entry.nested()));
            case NYDUS, NYDUS_BY_FEATURE -> ManifestWriter.nydus(platform, entry.layers(), null);
            case IMAGE, ATTESTATION, LAYER ->
                ManifestWriter.image("IMAGE", platform, entry.layers());
          };
      Artifact child = content.store(repository, written, clock.instant());
      children.add(new Child(child, entry.kind(), entry.platform()));
      events.send(project, repository, "PUSH_ARTIFACT", child, null);
    }
    return children;
  }

  /**
   * Pushes what names another artifact as its subject: Harbor makes an accessory of it.
   *
   * @param tag null: by digest
   */
  String attached(
      String project,
      String repository,
      Artifact subject,
      String type,
      ManifestWriter.Written written,
      @Nullable String tag) {
    Project found = content.project(project);
    Repository stored = content.repository(found, repository, clock.instant());
    Artifact artifact = content.store(stored, written, clock.instant());
    artifact.attached = true;
    if (!subject.accessories.stream().anyMatch(known -> known.artifact() == artifact)) {
      subject.accessories.add(
          new Content.Accessory(content.nextId(), type, artifact, clock.instant()));
    }
    if (tag != null) {
      stored.tag(artifact, tag, clock.instant());
    }
    events.send(found, stored, "PUSH_ARTIFACT", artifact, tag);
    return artifact.digest;
  }
}
