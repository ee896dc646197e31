package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.matching.Decision;
import io.goharbor.preheat.matching.ImageReference;
import io.goharbor.preheat.matching.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/** Finds in Harbor the artifacts that an execution names, each as the selector decides. */
public final class Search {
  private final Run run;
  private final Manifests manifests;
  private final HarborClient harbor;
  private final Instant now;
  private final HarborArtifact.Detail detail;
  private final boolean event;
  private final PlanBuilder builder;
  private final Selected.Sink sink;
  private final Set<String> subjects = new HashSet<>();
  private final Map<String, List<HarborArtifact>> indexes = new HashMap<>();

  /**
   * A search for one run.
   *
   * @param builder where goes what is left out
   * @param sink where goes what is selected
   */
  Search(
      Run run,
      PreheatExecutionSpec spec,
      Manifests manifests,
      HarborClient harbor,
      Instant now,
      PlanBuilder builder,
      Selected.Sink sink) {
    this.run = run;
    this.manifests = manifests;
    this.harbor = harbor;
    this.now = now;
    this.detail = Enumeration.detail(run);
    // What an event named may be gone by now; what a person named should be there.
    this.event = !run.part() && spec.effectiveTrigger() != Trigger.MANUAL;
    this.builder = builder;
    this.sink = sink;
  }

  void image(String text) throws RemoteCallException {
    ImageReference image;
    try {
      image = ImageReference.parse(text);
    } catch (IllegalArgumentException e) {
      builder.missing(text, Reason.INVALID_SPEC, "spec.images: " + e.getMessage());
      return;
    }
    HttpUrl pull = HttpUrl.get(run.harbor().pullUrl());
    String host =
        pull.port() == HttpUrl.defaultPort(pull.scheme())
            ? pull.host()
            : pull.host() + ":" + pull.port();
    if (!image.registry().equals(host)) {
      builder.missing(
          text,
          Reason.FOREIGN_REGISTRY,
          "the image is of registry " + image.registry() + ", the HarborRegistry is " + host);
      return;
    }
    named(new ArtifactRef(image.project() + "/" + image.repository(), image.tag(), image.digest()));
  }

  void named(ArtifactRef ref) throws RemoteCallException {
    int slash = ref.repository().indexOf('/');
    String project = ref.repository().substring(0, slash);
    String repository = ref.repository().substring(slash + 1);
    if (run.part() && ref.digest() != null && run.accessories().isEmpty()) {
      // Its whole found it and decided; only the manifest is still to be read.
      sink.take(selected(project, repository, ref));
      return;
    }
    String reference = ref.digest() != null ? ref.digest() : String.valueOf(ref.tag());
    String name = ref.repository() + (ref.tag() != null ? ":" + ref.tag() : "@" + reference);
    Optional<HarborArtifact> found = harbor.artifact(project, repository, reference, detail);
    if (event && attachmentsMatter()) {
      Optional<String> subject = subject(project, repository, ref, found);
      if (subject.isPresent()) {
        subjectOf(project, repository, subject.get());
        return;
      }
    }
    if (found.isEmpty()) {
      absent(name);
      return;
    }
    HarborArtifact artifact = found.get();
    if (event && artifact.tags().isEmpty() && ref.tag() == null) {
      parentsOf(artifact);
      return;
    }
    boolean asNamed = ref.tag() != null && (artifact.tags().contains(ref.tag()) || !event);
    select(artifact, asNamed ? List.of(ref.tag()) : artifact.tags(), name);
  }

  private static Selected selected(String project, String repository, ArtifactRef ref) {
    List<String> tags = ref.tag() == null ? List.of() : List.of(ref.tag());
    return new Selected(
        new HarborArtifact(
            project,
            repository,
            String.valueOf(ref.digest()),
            "",
            "",
            0,
            tags,
            Set.of(),
            List.of(),
            HarborArtifact.Scan.NONE,
            null,
            List.of(),
            HarborArtifact.Dates.NONE),
        tags);
  }

  /** Whether what is attached to an artifact can change what is preheated of it. */
  private boolean attachmentsMatter() {
    return detail.accessories();
  }

  /** What an artifact is attached to; Harbor's description of it does not say. */
  private Optional<String> subject(
      String project, String repository, ArtifactRef ref, Optional<HarborArtifact> found)
      throws RemoteCallException {
    String digest = found.map(HarborArtifact::digest).orElse(ref.digest());
    if (digest == null) {
      return Optional.empty();
    }
    try {
      return manifests
          .any(run.registry(), harbor, run.harbor().pullUrl(), project, repository, digest)
          .map(Manifest::subject);
    } catch (RemoteCallException e) {
      if (Expander.concernsArtifact(e)) {
        // Whether it is selected at all comes first; then this is found again.
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Something was attached to an artifact: it is checked again, once. */
  private void subjectOf(String project, String repository, String digest)
      throws RemoteCallException {
    if (!subjects.add(project + "/" + repository + "@" + digest)) {
      return;
    }
    Optional<HarborArtifact> found = harbor.artifact(project, repository, digest, detail);
    if (found.isEmpty()) {
      absent(project + "/" + repository + "@" + digest);
    } else if (found.get().tags().isEmpty()) {
      parentsOf(found.get());
    } else {
      select(found.get(), found.get().tags(), found.get().name());
    }
  }

  /** A scan reports each manifest of an index and never the index: what counts is the index. */
  private void parentsOf(HarborArtifact child) throws RemoteCallException {
    boolean any = false;
    for (HarborArtifact index : indexes(child.project(), child.repository())) {
      if (index.children().stream().anyMatch(c -> c.digest().equals(child.digest()))) {
        any = true;
        // Several entries of one index come in one run; one look at it is enough.
        if (subjects.add(child.project() + "/" + child.repository() + "@" + index.digest())) {
          select(index, index.tags(), index.name());
        }
      }
    }
    if (!any) {
      builder.skip(
          child.name(), Reason.UNTAGGED, "neither the artifact nor an index of it has a tag");
    }
  }

  /** The tagged indexes of a repository, listed once in a run. */
  private List<HarborArtifact> indexes(String project, String repository)
      throws RemoteCallException {
    List<HarborArtifact> known = indexes.get(project + "/" + repository);
    if (known == null) {
      List<HarborArtifact> listed = new ArrayList<>();
      harbor.artifacts(
          project,
          new ArtifactQuery(repository, null, true, detail),
          artifact -> {
            if (artifact.isIndex()) {
              listed.add(artifact);
            }
          });
      known = List.copyOf(listed);
      indexes.put(project + "/" + repository, known);
    }
    return known;
  }

  private void select(HarborArtifact artifact, List<String> tags, String name)
      throws RemoteCallException {
    Selector selector = run.selector();
    if (selector == null) {
      sink.take(new Selected(artifact, tags));
      return;
    }
    switch (selector.decide(artifact.candidate(tags), now)) {
      case Decision.Matched matched -> sink.take(new Selected(artifact, matched.tags()));
      case Decision.NotMatched no -> builder.skip(name, no.reason(), no.message());
    }
  }

  private void absent(String name) {
    String message = "Harbor has no " + name + ", or the account may not see it";
    if (run.named()) {
      builder.missing(name, Reason.ARTIFACT_NOT_FOUND, message);
    } else {
      builder.skip(name, Reason.ARTIFACT_NOT_FOUND, message);
    }
  }
}
