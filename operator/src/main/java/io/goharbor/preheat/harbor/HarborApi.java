package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Answer;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import io.goharbor.preheat.http.UrlPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** How Harbor's REST API is spoken to: paths, names, pages. */
final class HarborApi {
  /** The most that Harbor gives at once. */
  static final int PAGE = 100;

  /** Pages of projects, webhooks or preheat policies that are read: 20,000 of them. */
  static final int PAGES = 200;

  /** Pages of repositories or artifacts that are read: half a million or a million of them. */
  static final int MANY_PAGES = 10_000;

  private static final String REPORTS =
      "application/vnd.security.vulnerability.report; version=1.1,"
          + " application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";

  /** Makes what is needed of an item. */
  @FunctionalInterface
  interface Item<T> {
    /** Reads one; null: it is of no use. */
    @Nullable T read(JsonNode json);
  }

  /** Where the items of a list go. */
  @FunctionalInterface
  interface Sink<T> {
    /** Takes one; what it throws ends the reading. */
    void take(T item) throws RemoteCallException;
  }

  /**
   * A page of a list.
   *
   * @param more whether another one follows
   * @param total how many items the whole list has; below 0: not told
   */
  record Page<T>(List<T> items, boolean more, long total) {}

  /** A list, as it is read page by page: where it must end, and what the last page was. */
  final class Pages<T> {
    private final HttpUrl.Builder url;
    private final int size;
    private final int most;
    private final Item<T> item;
    private List<T> last = List.of();
    private long total;
    private long end;
    private int number;

    private Pages(HttpUrl.Builder url, int size, int most, Item<T> item) {
      this.url = url;
      this.size = size;
      this.most = most;
      this.end = most;
      this.item = item;
    }

    /** Reads the next page. */
    Page<T> next() throws RemoteCallException {
      number++;
      Page<T> page = page(url, size, number, item);
      String list = "to GET " + url.build().encodedPath();
      if (number == 1) {
        // What comes in meanwhile makes a list longer, but not twice as long.
        total = page.total();
        end = total < 0 ? most : Math.min(most, total / size * 2 + 10);
      } else if (page.more() && !page.items().isEmpty() && page.items().equals(last)) {
        throw unexpected(
            "answered "
                + list
                + " with a page "
                + number
                + " that is the same as page "
                + (number - 1)
                + "; a proxy or cache in between may pass over the query");
      }
      if (page.more() && number >= end) {
        throw endless(
            "answered "
                + list
                + " with "
                + number
                + " pages and has more"
                + (end < most
                    ? ", though its first page said that there are " + total + " items"
                    : ", which is all that is read of such a list"));
      }
      last = page.items();
      return page;
    }
  }

  private final RemoteSystem system;

  HarborApi(RemoteSystem system) {
    this.system = system;
  }

  /**
   * A URL below a project.
   *
   * @throws RemoteCallException when the project's name can be none
   */
  HttpUrl.Builder project(String project, String... below) throws RemoteCallException {
    return system.url(path(project).and(below));
  }

  /**
   * The URL of the artifacts of a repository, or of one of them.
   *
   * @param repository without its project
   * @param reference none, or a tag or digest
   * @throws RemoteCallException when a name can be none
   */
  HttpUrl.Builder artifacts(String project, String repository, String... reference)
      throws RemoteCallException {
    UrlPath path =
        path(project)
            .and("repositories")
            .andNameEncodedTwice(HarborNames.repository(system, repository))
            .and("artifacts");
    for (String one : reference) {
      path = path.and(HarborNames.reference(system, one));
    }
    return system.url(path);
  }

  private UrlPath path(String project) throws RemoteCallException {
    return UrlPath.of("api", "v2.0", "projects", HarborNames.project(system, project));
  }

  /** A URL of the API. */
  HttpUrl.Builder url(String first, String... rest) {
    return system.url(UrlPath.of("api", "v2.0", first).and(rest));
  }

  /** A request to come. A project may be called by a number; the header says it is no id. */
  static Request.Builder request(HttpUrl url) {
    return new Request.Builder()
        .url(url)
        .header("Accept", "application/json")
        .header("X-Is-Resource-Name", "true");
  }

  /** Reads one object. */
  JsonNode get(HttpUrl url) throws RemoteCallException {
    return get(url, AnswerLimit.OBJECT);
  }

  /** Reads one object. */
  JsonNode get(HttpUrl url, AnswerLimit limit) throws RemoteCallException {
    JsonNode json = system.read(reading(url), limit, Answer::json);
    if (!json.isObject()) {
      throw unexpected(
          "answered to GET "
              + url.encodedPath()
              + " with something else than an"
              + " object; check that the URL is that of a Harbor");
    }
    return json;
  }

  /** Reads a list that Harbor gives as a whole. */
  <T> List<T> list(HttpUrl url, Item<T> item) throws RemoteCallException {
    return system.read(reading(url), AnswerLimit.PAGE, answer -> items(url, answer, item));
  }

  /** Sends a request whose answer has no body that matters. */
  Reply send(Request request) throws RemoteCallException {
    return system.send(request, AnswerLimit.RECEIPT);
  }

  /** A list to be read page by page. */
  <T> Pages<T> pages(HttpUrl.Builder url, int size, int most, Item<T> item) {
    return new Pages<>(url, size, most, item);
  }

  /** Reads a list to its end; each item is passed on when its page was read. */
  <T> void each(HttpUrl.Builder url, int size, int most, Item<T> item, Sink<T> sink)
      throws RemoteCallException {
    Pages<T> pages = pages(url, size, most, item);
    Page<T> page;
    do {
      page = pages.next();
      for (T entry : page.items()) {
        sink.take(entry);
      }
    } while (page.more());
  }

  /** A page of a list, counted from 1. */
  <T> Page<T> page(HttpUrl.Builder url, int size, int number, Item<T> item)
      throws RemoteCallException {
    HttpUrl one =
        url.setQueryParameter("page_size", Integer.toString(size))
            .setQueryParameter("page", Integer.toString(number))
            .build();
    return system.read(
        reading(one),
        AnswerLimit.PAGE,
        answer -> {
          int[] count = {0};
          List<T> items =
              items(
                  one,
                  answer,
                  json -> {
                    count[0]++;
                    return item.read(json);
                  });
          // The query in Harbor's Link header is not encoded, so it is no URI; the total is safe.
          String header = answer.headers().get("X-Total-Count");
          long total =
              header != null && header.matches("[0-9]{1,12}") ? Long.parseLong(header) : -1;
          boolean more = total < 0 ? count[0] == size : (long) number * size < total;
          return new Page<>(items, more && count[0] > 0, total);
        });
  }

  private <T> List<T> items(HttpUrl url, Answer answer, Item<T> item) throws IOException {
    List<T> items = new ArrayList<>();
    boolean list =
        answer.items(json -> {
          T read = item.read(json);
          if (read != null) {
            items.add(read);
          }
        });
    if (!list) {
      throw unexpected(
          "answered to GET "
              + url.encodedPath()
              + " with something else than a"
              + " list; check that the URL is that of a Harbor");
    }
    return items;
  }

  private static Request reading(HttpUrl url) {
    Request.Builder request = request(url);
    if (url.queryParameter("with_scan_overview") != null) {
      request.header("X-Accept-Vulnerabilities", REPORTS);
    }
    return request.get().build();
  }

  /** An answer that Harbor should not give. */
  RemoteCallException unexpected(String what) {
    return unexpected(FailureClass.RETRY, what);
  }

  private RemoteCallException endless(String what) {
    return unexpected(FailureClass.PERMANENT, what);
  }

  private RemoteCallException unexpected(FailureClass failureClass, String what) {
    return new RemoteCallException(
        failureClass, Reason.UNEXPECTED_ANSWER, 200, system.name() + " " + what, null, true, null);
  }
}
