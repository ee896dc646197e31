package io.goharbor.preheat.e2e.sim.harbor;

import io.goharbor.preheat.e2e.sim.Answer;
import java.util.List;
import java.util.Map;

/** Harbor's errors: a code and a message in a list. */
final class Errors {
  private Errors() {}

  static Answer of(int status, String code, String message) {
    return Answer.json(status, Map.of("errors", List.of(Map.of("code", code, "message", message))));
  }

  static Answer badRequest(String message) {
    return of(400, "BAD_REQUEST", message);
  }

  static Answer unauthorized() {
    return of(401, "UNAUTHORIZED", "unauthorized");
  }

  static Answer forbidden(String message) {
    return of(403, "FORBIDDEN", message);
  }

  static Answer notFound(String message) {
    return of(404, "NOT_FOUND", message);
  }

  static Answer unprocessable(String message) {
    return of(422, "UNPROCESSABLE_ENTITY", message);
  }
}
