package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import io.goharbor.preheat.http.UrlPath;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** How Harbor's REST API is spoken to: paths, names, pages. */
final class HarborApi {
  /** The most that Harbor gives at once. */
  static final int PAGE = 100;

  private static final String REPORTS =
      "application/vnd.security.vulnerability.report; version=1.1,"
          + " application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0";

  /** Where the items of a list go. */
  @FunctionalInterface
  interface Sink {
    /** Takes one; what it throws ends the reading. */
    void take(JsonNode item) throws RemoteCallException;
  }

  /**
   * A page of a list.
   *
   * @param items an array, or null as JSON has it
   */
  record Page(JsonNode items, boolean more) {}

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
    JsonNode json = system.send(reading(url)).json();
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
  JsonNode list(HttpUrl url) throws RemoteCallException {
    return checkedList(url, system.send(reading(url)));
  }

  /** Sends a request whose answer has no body that matters. */
  Reply send(Request request) throws RemoteCallException {
    return system.send(request);
  }

  /** Reads a list to its end; each item is passed on as its page arrives. */
  void pages(HttpUrl.Builder url, int size, Sink sink) throws RemoteCallException {
    for (int number = 1; ; number++) {
      Page page = page(url, size, number);
      for (JsonNode entry : page.items()) {
        sink.take(entry);
      }
      if (!page.more()) {
        return;
      }
    }
  }

  /** A page of a list, counted from 1. */
  Page page(HttpUrl.Builder url, int size, int number) throws RemoteCallException {
    HttpUrl one =
        url.setQueryParameter("page_size", Integer.toString(size))
            .setQueryParameter("page", Integer.toString(number))
            .build();
    Reply reply = system.send(reading(one));
    JsonNode json = checkedList(one, reply);
    // The query in Harbor's Link header is not encoded, so it is no URI; the total is safe.
    String total = reply.headers().get("X-Total-Count");
    boolean counted = total != null && total.matches("[0-9]{1,18}");
    boolean more = counted ? (long) number * size < Long.parseLong(total) : json.size() == size;
    return new Page(json, more && !json.isEmpty());
  }

  private JsonNode checkedList(HttpUrl url, Reply reply) throws RemoteCallException {
    JsonNode json = reply.json();
    // Go writes an empty list as null in several of Harbor's handlers.
    if (!json.isArray() && !json.isNull()) {
      throw unexpected(
          "answered to GET "
              + url.encodedPath()
              + " with something else than a"
              + " list; check that the URL is that of a Harbor");
    }
    return json;
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
    return new RemoteCallException(
        FailureClass.RETRY,
        Reason.UNEXPECTED_ANSWER,
        200,
        system.name() + " " + what,
        null,
        true,
        null);
  }
}
