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
import java.util.function.Function;
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

  private static final int MOST_ODD = 3;

  private final HarborClient harbor;
  private final SortedMap<String, HarborArtifact.Detail> projects;
  private final RequestBudget budget;
  private final Backlog backlog;
  private SweepPass at;

  /**
   * A walk.
   *
   * @param projects the projects with what is to be asked of their artifacts
   * @param backlog what was left out before, and takes what has to be left out now
   * @param at where it goes on
   */
  ArtifactWalk(
      HarborClient harbor,
      SortedMap<String, HarborArtifact.Detail> projects,
      RequestBudget budget,
      Backlog backlog,
      SweepPass at) {
    this.harbor = harbor;
    this.projects = projects;
    this.budget = budget;
    this.backlog = backlog;
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
   * Goes on, to the end or as far as the allowance goes. What is wrong with single projects goes to
   * the backlog.
   *
   * @param since what the whole walk is about; earlier is what was left out before
   * @param from since when pushes of a project are checked; null: since ever
   * @throws RemoteCallException when Harbor as a whole cannot be used
   */
  void go(Instant since, @Nullable Function<String, Instant> from, Sink sink)
      throws RemoteCallException {
    SortedMap<String, HarborArtifact.Detail> left =
        at.project() == null ? projects : projects.tailMap(at.project());
    int odd = 0;
    for (Map.Entry<String, HarborArtifact.Detail> project : left.entrySet()) {
      String name = project.getKey();
      boolean resumed = name.equals(at.project()) && at.pushTime() != null;
      Instant first = resumed ? at.pushTime() : from == null ? null : from.apply(name);
      try {
        if (!walk(name, project.getValue(), first, sink)) {
          return;
        }
      } catch (RemoteCallException e) {
        // What is odd about many projects is odd about Harbor.
        if (!ProjectTrouble.isOfOneProject(e)
            || (!ProjectTrouble.isForGood(e) && ++odd > MOST_ODD)) {
          throw e;
        }
        backlog.leaveProject(
            name,
            since,
            ProjectTrouble.describe(e, "repository: list; artifact: list, read; tag: list"));
      }
    }
    at = new SweepPass(at.began(), null, null, null, null);
  }

  /** Gives false when the allowance is spent. */
  private boolean walk(
      String project, HarborArtifact.Detail detail, @Nullable Instant from, Sink sink)
      throws RemoteCallException {
    PageStep step = PageStep.first(from);
    while (step != null) {
      // A place within a second of pushes cannot be gone on from.
      if (step.page() == 1) {
        at = new SweepPass(at.seenUntil(), at.began(), project, step.from(), null);
        if (budget.spent()) {
          return false;
        }
      }
      step = page(project, detail, step, sink);
    }
    return true;
  }

  private @Nullable PageStep page(
      String project, HarborArtifact.Detail detail, PageStep step, Sink sink)
      throws RemoteCallException {
    budget.use();
    if (step.page() > PAGES_WITHIN_A_SECOND || (step.page() > 1 && budget.overdue())) {
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
