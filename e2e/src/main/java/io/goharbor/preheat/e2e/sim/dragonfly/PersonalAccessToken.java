package io.goharbor.preheat.e2e.sim.dragonfly;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The one token that the Manager knows.
 *
 * @param scopes what it permits: job, cluster
 */
record PersonalAccessToken(String value, Set<String> scopes, boolean active, boolean expired) {
  /** The refusal of a request, if it is refused. */
  Optional<Answer> refuses(Ask ask, String scope) {
    if (!ask.header("Authorization").orElse("").equals("Bearer " + value)) {
      return message(401, "Unauthorized");
    }
    if (!active) {
      return message(403, "Token is inactive");
    }
    if (expired) {
      return message(403, "Token has expired");
    }
    return scopes.contains(scope)
        ? Optional.empty()
        : message(
            403,
            "Token doesn't have permission to access this resource. Required permission: " + scope);
  }

  private static Optional<Answer> message(int status, String text) {
    return Optional.of(Answer.json(status, Map.of("message", text)));
  }

  @Override
  public String toString() {
    return "PersonalAccessToken[***, scopes=" + scopes + "]";
  }
}
