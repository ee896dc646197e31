package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.HarborRegistryStatus.CatchUpStatus;
import io.goharbor.preheat.api.HarborRegistryStatus.LeftOut;
import io.goharbor.preheat.api.HarborRegistryStatus.SweepPass;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.kube.Conditions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a pass had to leave out, and since when. Each pass looks at it again from there; it is done
 * with when a whole pass went by without that it was left out once more.
 */
final class Backlog {
  private static final String CONDITION = "CatchUpComplete";
  private static final int MOST = 50;

  private static final Duration GO_BACK = Duration.ofDays(1);

  /** In the condition's message; the status has all. */
  private static final int TOLD = 3;

  private static final int LONGEST_MESSAGE = 300;

  private final Instant tried;
  private final Map<String, LeftOut> projects = new TreeMap<>();
  private final Map<String, LeftOut> policies = new TreeMap<>();

  /**
   * Goes on with what a pass left out.
   *
   * @param tried when it is tried now, by Harbor's clock
   */
  Backlog(SweepPass pass, Instant tried) {
    this.tried = tried;
    for (LeftOut left : pass.leftOut() == null ? List.<LeftOut>of() : pass.leftOut()) {
      if (left.project() != null) {
        projects.put(left.project(), left);
      } else if (left.policy() != null) {
        policies.put(left.policy(), left);
      }
    }
  }

  /** From when on a project is to be checked, which else were to be checked from a time on. */
  Instant ofProject(String project, Instant since) {
    return earlier(projects.get(project), since);
  }

  /**
   * From when on a policy is to be checked, which else were to be checked from a time on. What the
   * cluster denies for longer than a day is given up: going back for it costs ever more.
   */
  Instant ofPolicy(String policy, Instant since) {
    Instant from = earlier(policies.get(policy), since);
    Instant furthest = tried.minus(GO_BACK);
    return from.isBefore(since) && from.isBefore(furthest)
        ? (furthest.isBefore(since) ? furthest : since)
        : from;
  }

  private static Instant earlier(@Nullable LeftOut left, Instant since) {
    return left != null && left.since().isBefore(since) ? left.since() : since;
  }

  /** A project could not be checked from that time on. */
  void leaveProject(String project, Instant since, String message) {
    projects.put(
        project, new LeftOut(project, null, ofProject(project, since), tried, shown(message)));
  }

  /** An execution of a policy was not taken, for something of that time or later. */
  void leavePolicy(String policy, Instant since, String message) {
    policies.put(policy, new LeftOut(null, policy, ofPolicy(policy, since), tried, shown(message)));
  }

  private static String shown(String message) {
    return DisplayText.of(message, LONGEST_MESSAGE);
  }

  /** What both passes had to leave out, each project and policy once. */
  static List<LeftOut> all(CatchUpStatus status) {
    Map<String, LeftOut> all = new TreeMap<>();
    for (SweepPass pass : Arrays.asList(status.pushes(), status.changes())) {
      for (LeftOut left :
          pass == null || pass.leftOut() == null ? List.<LeftOut>of() : pass.leftOut()) {
        all.putIfAbsent(name(left), left);
      }
    }
    return List.copyOf(all.values());
  }

  /** Says in a condition whether something was left out, once there was a sweep. */
  static void tell(@Nullable CatchUpStatus status, Conditions conditions) {
    if (status == null) {
      return;
    }
    List<LeftOut> all = all(status);
    if (all.isEmpty()) {
      conditions.set(
          CONDITION, true, Reason.CATCH_UP_COMPLETE, "The catch-up sweep left nothing out.");
      return;
    }
    conditions.set(
        CONDITION,
        false,
        Reason.CATCH_UP_INCOMPLETE,
        all.stream()
                .limit(TOLD)
                .map(left -> name(left) + ": " + left.message())
                .collect(Collectors.joining("; "))
            + (all.size() > TOLD ? "; and " + (all.size() - TOLD) + " more" : ""));
  }

  private static String name(LeftOut left) {
    return left.project() == null ? "policy " + left.policy() : "project " + left.project();
  }

  /**
   * The pass as it stands now.
   *
   * @param began when the pass began of which this is a part
   */
  SweepPass of(SweepPass pass, Instant began) {
    boolean ended = pass.began() == null;
    return pass.leaving(
        Stream.concat(projects.values().stream(), policies.values().stream())
            .filter(left -> !ended || !left.tried().isBefore(began))
            .sorted(Comparator.comparing(LeftOut::since))
            .limit(MOST)
            .toList());
  }
}
