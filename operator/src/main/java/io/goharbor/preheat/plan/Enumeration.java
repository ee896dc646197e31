package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.HarborClient.Project;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.matching.Decision;
import io.goharbor.preheat.matching.LatestPushed;
import io.goharbor.preheat.matching.Selector;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds all that a selector takes in Harbor. Harbor is asked for no more than can be selected: by
 * project and repository where the selector names them without wildcards, and by time of push.
 */
public final class Enumeration {
  private final HarborClient harbor;
  private final Selector selector;
  private final HarborArtifact.Detail detail;
  private final @Nullable Instant since;
  private final Instant now;
  private final PlanBuilder builder;
  private final Selected.Sink sink;

  /**
   * An enumeration for one run.
   *
   * @param explains whether what is too old is to be told of, not only left out
   */
  Enumeration(
      Run run,
      Selector selector,
      HarborClient harbor,
      Instant now,
      boolean explains,
      PlanBuilder builder,
      Selected.Sink sink) {
    this.harbor = harbor;
    this.selector = selector;
    this.detail = detail(run);
    this.since =
        explains || selector.pushedWithin() == null ? null : now.minus(selector.pushedWithin());
    this.now = now;
    this.builder = builder;
    this.sink = sink;
  }

  /** What the selector and the wanted accessories need to know of each artifact. */
  static HarborArtifact.Detail detail(Run run) {
    Selector.Needs needs =
        run.selector() == null ? new Selector.Needs(false, false, false) : run.selector().needs();
    return new HarborArtifact.Detail(
        needs.labels(), needs.signatures() || !run.accessories().isEmpty(), needs.scan());
  }

  void run() throws RemoteCallException {
    if (selector.latestPushed() == null) {
      all(sink);
      return;
    }
    LatestPushed<HarborArtifact> latest = new LatestPushed<>(selector.latestPushed());
    all(selected -> {
      Optional<LatestPushed.Entry<HarborArtifact>> left =
          latest.add(
              new LatestPushed.Entry<>(
                  selected.repository(),
                  selected.artifact().pushTime(),
                  selected.tags(),
                  selected.artifact()));
      left.ifPresent(entry ->
          builder.skip(
              entry.value().name(),
              Reason.NOT_AMONG_LATEST,
              "selector.latestPushed keeps the newest " + selector.latestPushed()));
    });
    for (LatestPushed.Entry<HarborArtifact> entry : latest.kept()) {
      sink.take(new Selected(entry.value(), entry.tags()));
    }
  }

  private void all(Selected.Sink matched) throws RemoteCallException {
    List<String> projects = projects();
    Map<String, RemoteCallException> closed = new LinkedHashMap<>();
    for (String project : projects) {
      try {
        project(project, matched);
      } catch (RemoteCallException e) {
        if (e.status() != 403) {
          throw e;
        }
        closed.put(project, e);
      }
    }
    if (!closed.isEmpty() && closed.size() == projects.size()) {
      // The account may do nothing at all: somebody has to mend it, and then the run goes on.
      throw closed.values().iterator().next();
    }
    closed
        .keySet()
        .forEach(project ->
            builder.missing(
                "project " + project,
                Reason.FORBIDDEN,
                "there is no such project, or the account may not list its artifacts"));
  }

  private void project(String project, Selected.Sink matched) throws RemoteCallException {
    List<String> repositories = selector.literalRepositories();
    if (repositories.isEmpty()) {
      list(project, null, matched);
    } else {
      for (String repository : repositories) {
        list(project, repository, matched);
      }
    }
  }

  private List<String> projects() throws RemoteCallException {
    List<String> named = selector.literalProjects();
    return named.isEmpty()
        ? harbor.projects().stream().map(Project::name).filter(selector::couldMatchProject).toList()
        : named.stream().filter(selector::couldMatchProject).toList();
  }

  private void list(String project, @Nullable String repository, Selected.Sink matched)
      throws RemoteCallException {
    try {
      harbor.artifacts(
          project,
          new ArtifactQuery(repository, since, true, detail),
          artifact -> {
            switch (selector.decide(artifact.candidate(artifact.tags()), now)) {
              case Decision.Matched yes -> matched.take(new Selected(artifact, yes.tags()));
              case Decision.NotMatched no ->
                  builder.skip(artifact.name(), no.reason(), no.message());
            }
          });
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
      String name = repository == null ? "project " + project : project + "/" + repository;
      builder.skip(
          name,
          Reason.ARTIFACT_NOT_FOUND,
          "Harbor has no " + name + ", or the account may not see it");
    }
  }
}
