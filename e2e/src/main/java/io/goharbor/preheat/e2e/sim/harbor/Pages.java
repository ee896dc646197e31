package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Harbor's paging: pages count from 1, at most 100 items each, and the total in a header. */
final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Pages() {}

  static <T> Answer of(Ask ask, List<T> all, Function<T, JsonNode> write) {
    String pageText = ask.query("page").orElse("1");
    String sizeText = ask.query("page_size").orElse("10");
    if (!pageText.matches("[1-9][0-9]{0,8}") || !sizeText.matches("[1-9][0-9]?|100")) {
      return Errors.unprocessable(
          "validation failure list: page in query should be greater than or equal to 1, page_size"
              + " in query should be less than or equal to 100");
    }
    int page = Integer.parseInt(pageText);
    int size = Integer.parseInt(sizeText);
    int from = (int) Math.min((page - 1L) * size, all.size());
    int to = Math.min(from + size, all.size());
    Answer answer =
        // Go writes an empty slice as null in several of Harbor's handlers.
        Answer.json(
            200,
            all.isEmpty() ? JSON.nullNode() : all.subList(from, to).stream().map(write).toList());
    List<String> links = new ArrayList<>();
    if (page > 1) {
      links.add(link(ask, page - 1, "prev"));
    }
    if (to < all.size()) {
      links.add(link(ask, page + 1, "next"));
    }
    answer = answer.with("X-Total-Count", Integer.toString(all.size()));
    return links.isEmpty() ? answer : answer.with("Link", String.join(" , ", links));
  }

  /** The query is not encoded in Harbor's links, so that they are no URIs. */
  private static String link(Ask ask, int page, String rel) {
    StringBuilder query = new StringBuilder("page=" + page);
    ask.allQueries()
        .forEach((name, values) -> {
          if (!name.equals("page")) {
            query.append('&').append(name).append('=').append(values.getFirst());
          }
        });
    return "<" + ask.rawPath() + "?" + query + ">; rel=\"" + rel + "\"";
  }
}
