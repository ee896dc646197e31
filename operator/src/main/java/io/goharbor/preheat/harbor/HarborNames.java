package io.goharbor.preheat.harbor;

import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;

/**
 * Names on their way to Harbor. They come from specs and statuses, which may be older than today's
 * schema, and from Harbor's own answers.
 */
final class HarborNames {
  private HarborNames() {}

  static String project(RemoteSystem harbor, String name) throws RemoteCallException {
    return checked(harbor, Grammar.PROJECT, "project", name);
  }

  static String repository(RemoteSystem harbor, String name) throws RemoteCallException {
    return checked(harbor, Grammar.REPOSITORY, "repository", name);
  }

  static String fullRepository(RemoteSystem harbor, String name) throws RemoteCallException {
    return checked(harbor, Grammar.FULL_REPOSITORY, "repository", name);
  }

  static String digest(RemoteSystem harbor, String name) throws RemoteCallException {
    return checked(harbor, Grammar.CONTENT_DIGEST, "digest", name);
  }

  /** A tag, or a digest, which no tag can be taken for. */
  static String reference(RemoteSystem harbor, String name) throws RemoteCallException {
    return name.indexOf(':') < 0 ? checked(harbor, Grammar.TAG, "tag", name) : digest(harbor, name);
  }

  private static String checked(RemoteSystem harbor, Grammar grammar, String what, String name)
      throws RemoteCallException {
    if (!grammar.accepts(name)) {
      throw new RemoteCallException(
          FailureClass.PERMANENT,
          Reason.INVALID_SPEC,
          0,
          harbor.name() + " is not asked: " + grammar.fault(what, name),
          null,
          false,
          null);
    }
    return name;
  }
}
