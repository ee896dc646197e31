package io.goharbor.preheat.e2e.sim.harbor;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What stands before every call of the REST API: the session cookie's CSRF rule, known query
 * parameters, the project, the permission. Stricter than Harbor in one point: it ignores unknown
 * query parameters, which would hide a misspelt one.
 */
final class ApiGuard {
  /** A call that is about a project. */
  @FunctionalInterface
  interface ProjectCall {
    Answer handle(Ask ask, Content.Project project) throws Exception;
  }

  private final Content content;
  private final Accounts accounts;

  ApiGuard(Content content, Accounts accounts) {
    this.content = content;
    this.accounts = accounts;
  }

  @SafeVarargs
  static Set<String> union(Set<String>... sets) {
    Set<String> all = new HashSet<>();
    for (Set<String> set : sets) {
      all.addAll(set);
    }
    return all;
  }

  /** A call for everybody. */
  SimServer.Handler open(Set<String> queries, SimServer.Handler handler) {
    return ask -> {
      Optional<Answer> refused = refuse(ask, queries);
      Answer answer = refused.isPresent() ? refused.get() : handler.handle(ask);
      // Harbor starts a session for every caller; a client that brings it back needs CSRF tokens.
      return answer
          .with("Set-Cookie", "sid=" + UUID.randomUUID() + "; Path=/; HttpOnly")
          .with("X-Request-Id", UUID.randomUUID().toString());
    };
  }

  /** A call about the system, which a permission of the system allows. */
  SimServer.Handler system(Set<String> queries, String permission, SimServer.Handler handler) {
    return open(
        queries,
        ask -> {
          Optional<String> account = accounts.account(ask);
          if (account.isEmpty()) {
            return Errors.unauthorized();
          }
          return accounts.may(account.get(), permission)
              ? handler.handle(ask)
              : Errors.forbidden("no permission for " + permission);
        });
  }

  /** A call whose path has a project's name. */
  SimServer.Handler byName(Set<String> queries, String permission, ProjectCall call) {
    return open(
        queries,
        ask ->
            checked(
                ask,
                Optional.ofNullable(content.projects.get(ask.decoded("project"))),
                permission,
                call));
  }

  /** A call whose path has a project's name or number. */
  SimServer.Handler byNameOrId(Set<String> queries, String permission, ProjectCall call) {
    return open(queries, ask -> checked(ask, byNameOrId(ask), permission, call));
  }

  private Optional<Content.Project> byNameOrId(Ask ask) {
    String text = ask.decoded("project");
    boolean isName = ask.header("X-Is-Resource-Name").orElse("false").equals("true");
    if (isName || !text.matches("[0-9]{1,18}")) {
      return Optional.ofNullable(content.projects.get(text));
    }
    long id = Long.parseLong(text);
    return content.projects.values().stream().filter(project -> project.id == id).findFirst();
  }

  private Answer checked(
      Ask ask, Optional<Content.Project> project, String permission, ProjectCall call)
      throws Exception {
    Optional<String> account = accounts.account(ask);
    if (project.isPresent() && accounts.may(account, project.get(), permission)) {
      return call.handle(ask, project.get());
    }
    // Whether a project exists is not told to those who may not see it.
    return account.isEmpty()
        ? Errors.unauthorized()
        : Errors.forbidden("no permission for " + permission + " in " + ask.decoded("project"));
  }

  private Optional<Answer> refuse(Ask ask, Set<String> queries) {
    if (ask.header("Cookie").orElse("").contains("sid=")
        && ask.header("X-Harbor-CSRF-Token").isEmpty()) {
      return Optional.of(Errors.forbidden("CSRF token not found in request"));
    }
    if (content.settings.readOnly() && !ask.method().equals("GET")) {
      return Optional.of(
          Errors.of(
              403, "DENIED", "The system is in read only mode. Any modification is prohibited."));
    }
    for (String name : ask.allQueries().keySet()) {
      if (!queries.contains(name)) {
        return Optional.of(Errors.unprocessable("unknown query parameter " + name));
      }
    }
    return Optional.empty();
  }
}
