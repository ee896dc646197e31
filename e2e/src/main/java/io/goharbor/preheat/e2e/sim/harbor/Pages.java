package io.goharbor.preheat.e2e.sim.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Harbor's paging: pages count from 1, at most 100 items each, and the total in a header. */
final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Pages() {}

  /** A page of what is in order already. */
  static <T> Answer of(Ask ask, List<T> all, Function<T, JsonNode> write) {
    return of(ask, all.size(), needed -> all, write);
  }

  /** A page of what is not in order; only as much is put in order as the page needs. */
  static <T> Answer of(
      Ask ask, List<T> all, Comparator<? super T> order, Function<T, JsonNode> write) {
    return of(ask, all.size(), needed -> first(needed, all, order), write);
  }

  private static <T> List<T> first(int needed, List<T> all, Comparator<? super T> order) {
    if (needed > all.size() / 8) {
      return all.stream().sorted(order).toList();
    }
    PriorityQueue<T> best = new PriorityQueue<>(needed + 1, order.reversed());
    for (T one : all) {
      if (best.size() < needed) {
        best.add(one);
      } else if (needed > 0 && order.compare(one, best.element()) < 0) {
        best.remove();
        best.add(one);
      }
    }
    return best.stream().sorted(order).toList();
  }

  private static <T> Answer of(
      Ask ask, int total, IntFunction<List<T>> inOrder, Function<T, JsonNode> write) {
    String pageText = ask.query("page").orElse("1");
    String sizeText = ask.query("page_size").orElse("10");
    if (!pageText.matches("[1-9][0-9]{0,8}") || !sizeText.matches("[1-9][0-9]?|100")) {
      return Errors.unprocessable(
          "validation failure list: page in query should be greater than or equal to 1, page_size"
              + " in query should be less than or equal to 100");
    }
    int page = Integer.parseInt(pageText);
    int size = Integer.parseInt(sizeText);
    int from = (int) Math.min((page - 1L) * size, total);
    int to = Math.min(from + size, total);
    List<T> all = inOrder.apply(to);
    Answer answer =
        // Go writes an empty slice as null in several of Harbor's handlers.
        Answer.json(
            200, total == 0 ? JSON.nullNode() : all.subList(from, to).stream().map(write).toList());
    List<String> links = new ArrayList<>();
    if (page > 1) {
      links.add(link(ask, page - 1, "prev"));
    }
    if (to < total) {
      links.add(link(ask, page + 1, "next"));
    }
    answer = answer.with("X-Total-Count", Integer.toString(total));
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
