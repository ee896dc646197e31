package io.goharbor.preheat.execution;

import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.HarborClient.Project;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.matching.Candidate;
import io.goharbor.preheat.matching.Decision;
import io.goharbor.preheat.matching.ImageReference;
import io.goharbor.preheat.matching.LatestPushed;
import io.goharbor.preheat.matching.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a run is to do: the artifacts that it names, or all that its policy's selector
 * finds, each resolved to the digests of the wanted platforms.
 */
final class Planner {
  private final Manifests manifests;

  Planner(Manifests manifests) {
    this.manifests = manifests;
  }

  /** Plans one run; reads Harbor, changes nothing. */
  Plan plan(Run run, PreheatExecutionSpec spec, HarborClient harbor, Instant now)
      throws RemoteCallException {
    Pass pass = new Pass(run, spec, harbor, now);
    if (spec.artifacts() == null && spec.images() == null) {
      pass.enumerate();
    }
    if (spec.artifacts() != null) {
      for (ArtifactRef ref : spec.artifacts()) {
        pass.named(ref);
      }
    }
    if (spec.images() != null) {
      for (String image : spec.images()) {
        pass.image(image);
      }
    }
    return pass.builder.build(run.providers(), spec.isDryRun());
  }

  private final class Pass {
    private final Run run;
    private final HarborClient harbor;
    private final Instant now;
    private final HarborArtifact.Detail detail;
    private final boolean mustExist;
    private final boolean event;
    private final PlanBuilder builder = new PlanBuilder();

    Pass(Run run, PreheatExecutionSpec spec, HarborClient harbor, Instant now) {
      this.run = run;
      this.harbor = harbor;
      this.now = now;
      this.detail = run.selector() == null ? HarborArtifact.Detail.BASIC : detail(run.selector());
      // What an event named may be gone by now; what a person named should be there.
      this.mustExist = spec.effectiveTrigger() == Trigger.MANUAL;
      this.event = !mustExist;
    }

    void enumerate() throws RemoteCallException {
      Selector selector = run.selector();
      if (selector == null) {
        throw new IllegalStateException("a run without policy names its artifacts");
      }
      List<LatestPushed.Entry<HarborArtifact>> chosen = new ArrayList<>();
      for (Project project : harbor.projects()) {
        if (!selector.couldMatchProject(project.name())) {
          continue;
        }
        harbor.artifacts(
            project.name(),
            new ArtifactQuery(null, null, true, detail),
            artifact -> {
              switch (selector.decide(candidate(artifact, artifact.tags()), now)) {
                case Decision.Matched matched ->
                    chosen.add(
                        new LatestPushed.Entry<>(
                            project.name() + "/" + artifact.repository(),
                            artifact.pushTime(),
                            matched.tags(),
                            artifact));
                case Decision.NotMatched no ->
                    builder.skip(name(artifact, null), no.reason(), no.message());
              }
            });
      }
      LatestPushed.Result<HarborArtifact> latest =
          LatestPushed.keep(selector.latestPushed(), chosen);
      latest
          .left()
          .forEach(entry ->
              builder.skip(
                  name(entry.value(), null),
                  Reason.NOT_AMONG_LATEST,
                  "selector.latestPushed keeps the newest " + selector.latestPushed()));
      for (LatestPushed.Entry<HarborArtifact> entry : latest.kept()) {
        expand(entry.value(), entry.tags());
      }
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
      named(
          new ArtifactRef(image.project() + "/" + image.repository(), image.tag(), image.digest()));
    }

    void named(ArtifactRef ref) throws RemoteCallException {
      int slash = ref.repository().indexOf('/');
      String project = ref.repository().substring(0, slash);
      String repository = ref.repository().substring(slash + 1);
      String reference = ref.digest() != null ? ref.digest() : String.valueOf(ref.tag());
      String name = ref.repository() + (ref.tag() != null ? ":" + ref.tag() : "@" + reference);
      Optional<HarborArtifact> found = harbor.artifact(project, repository, reference, detail);
      if (found.isEmpty()) {
        absent(name);
        return;
      }
      HarborArtifact artifact = found.get();
      if (event && artifact.tags().isEmpty() && ref.tag() == null) {
        parentsOf(artifact);
        return;
      }
      List<String> tags =
          ref.tag() != null && (artifact.tags().contains(ref.tag()) || mustExist)
              ? List.of(ref.tag())
              : artifact.tags();
      select(artifact, tags, name);
    }

    /** A scan reports each manifest of an index and never the index: what counts is the index. */
    private void parentsOf(HarborArtifact child) throws RemoteCallException {
      List<HarborArtifact> parents = new ArrayList<>();
      harbor.artifacts(
          child.project(),
          new ArtifactQuery(child.repository(), null, true, detail),
          artifact -> {
            if (artifact.children().stream().anyMatch(c -> c.digest().equals(child.digest()))) {
              parents.add(artifact);
            }
          });
      if (parents.isEmpty()) {
        builder.skip(
            name(child, null),
            Reason.UNTAGGED,
            "neither the artifact nor an index of it has a tag");
      }
      for (HarborArtifact parent : parents) {
        select(parent, parent.tags(), name(parent, null));
      }
    }

    private void select(HarborArtifact artifact, List<String> tags, String name)
        throws RemoteCallException {
      Selector selector = run.selector();
      if (selector == null) {
        expand(artifact, tags);
        return;
      }
      switch (selector.decide(candidate(artifact, tags), now)) {
        case Decision.Matched matched -> expand(artifact, matched.tags());
        case Decision.NotMatched no -> builder.skip(name, no.reason(), no.message());
      }
    }

    private void expand(HarborArtifact artifact, List<String> tags) throws RemoteCallException {
      String name = name(artifact, tags.isEmpty() ? null : tags.getFirst());
      if (!artifact.isIndex()) {
        if (add(artifact, artifact.digest(), null, tags, name)) {
          builder.selected();
        }
        return;
      }
      boolean any = false;
      for (HarborArtifact.Child child : artifact.children()) {
        if (Platforms.wanted(run.platforms(), child.platform())) {
          any |= add(artifact, child.digest(), child.platform(), tags, name);
        }
      }
      if (any) {
        builder.selected();
      } else {
        String message =
            "the index has none of the platforms " + String.join(", ", run.platforms());
        if (mustExist) {
          builder.missing(name, Reason.PLATFORM_NOT_FOUND, message);
        } else {
          builder.skip(name, Reason.PLATFORM_NOT_FOUND, message);
        }
      }
    }

    private boolean add(
        HarborArtifact artifact,
        String digest,
        @Nullable String platform,
        List<String> tags,
        String name)
        throws RemoteCallException {
      Optional<ImageManifest> manifest =
          manifests.get(
              run.registry(),
              harbor,
              run.harbor().pullUrl(),
              artifact.project(),
              artifact.repository(),
              digest);
      if (manifest.isEmpty()) {
        absent(name);
        return false;
      }
      builder.add(manifest.get(), platform, tags);
      return true;
    }

    private void absent(String name) {
      String message = "Harbor has no " + name + ", or the account may not see it";
      if (mustExist) {
        builder.missing(name, Reason.ARTIFACT_NOT_FOUND, message);
      } else {
        builder.skip(name, Reason.ARTIFACT_NOT_FOUND, message);
      }
    }
  }

  private static HarborArtifact.Detail detail(Selector selector) {
    return new HarborArtifact.Detail(
        selector.needs().labels(), selector.needs().signatures(), selector.needs().scan());
  }

  static Candidate candidate(HarborArtifact artifact, List<String> tags) {
    return new Candidate(
        artifact.project(),
        artifact.repository(),
        artifact.digest(),
        tags,
        artifact.type(),
        artifact.labels(),
        artifact.signatures(),
        artifact.scan().finished() ? artifact.scan().severity() : null,
        artifact.pushTime());
  }

  private static String name(HarborArtifact artifact, @Nullable String tag) {
    String repository = artifact.project() + "/" + artifact.repository();
    if (tag != null) {
      return repository + ":" + tag;
    }
    return artifact.tags().isEmpty()
        ? repository + "@" + artifact.digest()
        : repository + ":" + artifact.tags().getFirst();
  }
}
