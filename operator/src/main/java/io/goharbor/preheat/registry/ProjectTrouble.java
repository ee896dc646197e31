package io.goharbor.preheat.registry;

import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.Set;

/** Tells what is wrong with one project from what is wrong with Harbor. */
final class ProjectTrouble {
  private ProjectTrouble() {}

  /** Whether others may work all the same: if not, a thousand of them need not be tried. */
  static boolean isOfOneProject(RemoteCallException e) {
    return e.failureClass() != FailureClass.WAIT
        && !Set.of(0, 401, 502, 503, 504).contains(e.status());
  }

  /**
   * Whether Harbor says that this project is closed to the account, or not what it is asked for.
   */
  static boolean isForGood(RemoteCallException e) {
    return e.status() >= 400 && e.status() < 500;
  }

  /**
   * What happened, with the cure where it is a permission.
   *
   * @param permissions those that are needed in the project, one of which is missing: Harbor does
   *     not say which
   */
  static String describe(RemoteCallException e, String permissions) {
    return e.status() == 403
        ? e.describe() + "; the robot account needs " + permissions + " there"
        : e.describe();
  }
}
