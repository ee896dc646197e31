package io.goharbor.preheat.e2e.sim.dragonfly;

import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The page of a list that a request wants.
 *
 * @param from rows before it
 */
record Paging(long from, int size) {
  /** Empty when the Manager refuses the numbers. */
  static Optional<Paging> of(Ask ask) {
    String page = ask.query("page").orElse("1");
    String size = ask.query("per_page").orElse("10");
    if (!page.matches("[1-9][0-9]{0,8}") || !size.matches("[1-9][0-9]{0,7}")) {
      return Optional.empty();
    }
    int perPage = Integer.parseInt(size);
    return Optional.of(new Paging((Long.parseLong(page) - 1) * perPage, perPage));
  }

  static Answer refused() {
    return Answer.json(422, Map.of("errors", "Field validation for 'PerPage' failed"));
  }

  Answer answer(Ask ask, List<?> rows, int all) {
    long last = Math.max(1, (all + size - 1) / size);
    return Answer.json(200, rows)
        .with("Link", "<" + ask.rawPath() + "?page=" + last + ">;rel=last");
  }
}
