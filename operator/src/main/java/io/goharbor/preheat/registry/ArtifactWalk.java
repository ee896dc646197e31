package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.HarborRegistryStatus.SweepPass;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.HarborClient.ArtifactPage;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the artifacts of projects, by project and time of push, from where it stopped. It can
 * stop between any two pages, and only moves on over a page that was taken.
 */
final class ArtifactWalk {
  /** Who looks at the artifacts. */
  @FunctionalInterface
  interface Sink {
    /** Takes a page. */
    void take(String project, List<HarborArtifact> artifacts);
  }

  /** A hundred thousand artifacts; what replicates a project pushes a few a second. */
  private static final int PAGES_WITHIN_A_SECOND = 1_000;

  private final HarborClient harbor;
  private final SortedMap<String, HarborArtifact.Detail> projects;
  private final Allowance allowance;
  private SweepPass at;

  /**
   * A walk.
   *
   * @param projects the projects with what is to be asked of their artifacts
   * @param at where it goes on
   */
  ArtifactWalk(
      HarborClient harbor,
      SortedMap<String, HarborArtifact.Detail> projects,
      Allowance allowance,
      SweepPass at) {
    this.harbor = harbor;
    this.projects = projects;
    this.allowance = allowance;
    this.at = at;
  }

  /** Where it stands. */
  SweepPass at() {
    return at;
  }

  /** Whether nothing is left. */
  boolean ended() {
    return at.began() == null;
  }

  /**
   * Goes on, to the end or as far as the allowance goes.
   *
   * @param from what was pushed earlier is left out; null: nothing is
   */
  void go(@Nullable Instant from, Sink sink) throws RemoteCallException {
    SortedMap<String, HarborArtifact.Detail> left =
        at.project() == null ? projects : projects.tailMap(at.project());
    for (Map.Entry<String, HarborArtifact.Detail> project : left.entrySet()) {
      boolean resumed = project.getKey().equals(at.project()) && at.pushTime() != null;
      PageStep step = PageStep.first(resumed ? at.pushTime() : from);
      while (step != null) {
        // A place within a second of pushes cannot be gone on from.
        if (step.page() == 1) {
          at = new SweepPass(at.seenUntil(), at.began(), project.getKey(), step.from());
          if (allowance.spent()) {
            return;
          }
        }
        step = page(project.getKey(), project.getValue(), step, sink);
      }
    }
    at = new SweepPass(at.began(), null, null, null);
  }

  private @Nullable PageStep page(
      String project, HarborArtifact.Detail detail, PageStep step, Sink sink)
      throws RemoteCallException {
    allowance.use();
    if (step.page() > PAGES_WITHIN_A_SECOND || (step.page() > 1 && allowance.overdue())) {
      throw new RemoteCallException(
          FailureClass.RETRY,
          Reason.UNEXPECTED_ANSWER,
          200,
          "the sweep cannot go on in project "
              + project
              + ": Harbor lists "
              + (step.page() - 1)
              + " pages of artifacts that were pushed within one second"
              + (step.from() == null ? "" : ", " + step.from())
              + ", and more",
          null,
          false,
          null);
    }
    ArtifactPage page;
    try {
      page =
          harbor.artifactsByPush(
              project, new ArtifactQuery(null, step.from(), true, detail), step.page());
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        // Deleted since the projects were listed.
        return null;
      }
      throw e;
    }
    sink.take(project, page.artifacts());
    return step.after(page);
  }
}
