package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import io.goharbor.preheat.matching.MatchBudget;
import io.goharbor.preheat.matching.PolicyIndex;
import io.goharbor.preheat.matching.Selector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Policies and events for {@link Match}. Five policies, as many in every size, want tags of all
 * projects; of the others, each team has ten: four for its project (all, a beginning, one
 * repository, two alternatives), one each for projects that begin and that end with its name, and
 * four for all projects, by the beginning, a component, the end and the whole of the repository.
 * Events are of any of the teams, three in its project and one each elsewhere in turn, so that the
 * policies that match an event are about as many in every size.
 */
final class MatchData {
  /** What Harbor tells of a push. */
  record Event(String project, String repository, String tag) {}

  /** A power of two. */
  private static final int EVENTS = 4096;

  private static final int FOR_ALL = 5;
  private static final int PER_TEAM = 10;

  private final PolicyIndex<Integer> index = new PolicyIndex<>();
  private final List<Selector> selectors = new ArrayList<>();
  private final List<Event> events;
  private int next;

  /**
   * Makes as many policies.
   *
   * @param size number of policies, at least 15
   */
  MatchData(int size) {
    List<Selector> made = new ArrayList<>();
    for (int i = 0; i < FOR_ALL; i++) {
      made.add(selector(null, null, List.of("lts-" + i + "*")));
    }
    for (int i = 0; i < size - FOR_ALL; i++) {
      made.add(ofTeam("team-" + i / PER_TEAM, i % PER_TEAM));
    }
    // In the order in which a cluster has them, which is none.
    Random random = new Random(1);
    Collections.shuffle(made, random);
    for (Selector selector : made) {
      index.put(selectors.size(), selector);
      selectors.add(selector);
    }
    int teams = (size - FOR_ALL) / PER_TEAM;
    events =
        IntStream.range(0, EVENTS)
            .mapToObj(i -> event("team-" + random.nextInt(teams), i % 8, "v1." + i))
            .toList();
  }

  private static Selector ofTeam(String team, int kind) {
    return switch (kind) {
      case 0 -> selector(team, "**", null);
      case 1 -> selector(team, "api/**", null);
      case 2 -> selector(team, "api/web", null);
      case 3 -> selector(team, "{api,jobs}/*", List.of("v*"));
      case 4 -> selector(team + "-*", "**", null);
      case 5 -> selector("*-" + team, null, null);
      case 6 -> selector(null, team + "/**", null);
      case 7 -> selector(null, "**/" + team + "/**", null);
      case 8 -> selector(null, "**/tools-of-" + team, null);
      case 9 -> selector(null, "mirror/" + team, null);
      default -> throw new IllegalArgumentException("kind " + kind);
    };
  }

  private static Event event(String team, int kind, String tag) {
    return switch (kind) {
      case 0 -> new Event(team, "api/web", tag);
      case 1 -> new Event(team, "jobs/nightly", tag);
      case 2 -> new Event(team, "web", tag);
      case 3 -> new Event(team + "-eu", "api/web", tag);
      case 4 -> new Event("prod-" + team, "api/web", tag);
      case 5 -> new Event("library", team + "/web", tag);
      case 6 -> new Event("library", "europe/" + team + "/api/tools-of-" + team, tag);
      case 7 -> new Event("library", "mirror/" + team, tag);
      default -> throw new IllegalArgumentException("kind " + kind);
    };
  }

  private static Selector selector(
      @Nullable String project, @Nullable String repository, @Nullable List<String> tags) {
    return Selector.compile(
        ArtifactSelectorBuilder.builder()
            .projects(project == null ? null : new PatternSet(List.of(project), null))
            .repositories(repository == null ? null : new PatternSet(List.of(repository), null))
            .tags(tags == null ? null : new PatternSet(tags, null))
            .build());
  }

  /** The events, to be taken in turn. */
  List<Event> events() {
    return events;
  }

  /** The next event in turn. */
  Event next() {
    return events.get(next++ & (EVENTS - 1));
  }

  /** The numbers of the policies that an event could concern, by the index. */
  List<Integer> byIndex(Event event) {
    MatchBudget budget = new MatchBudget(Long.MAX_VALUE);
    List<Integer> found = new ArrayList<>();
    index
        .filed(event.project(), event.repository())
        .forEach((number, selector) -> {
          if (couldMatch(selector, event, budget)) {
            found.add(number);
          }
        });
    return found;
  }

  /** The numbers of the policies that an event could concern, by asking each. */
  List<Integer> byAskingAll(Event event) {
    MatchBudget budget = new MatchBudget(Long.MAX_VALUE);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < selectors.size(); i++) {
      if (couldMatch(selectors.get(i), event, budget)) {
        found.add(i);
      }
    }
    return found;
  }

  private static boolean couldMatch(Selector selector, Event event, MatchBudget budget) {
    return selector.couldMatch(event.project(), event.repository(), budget)
        && selector.couldMatchTag(event.tag(), budget);
  }
}
