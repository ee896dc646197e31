package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.harbor.HarborClient.ArtifactPage;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.HarborClient.ArtifactSink;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Artifacts of Harbor's REST API, one by one and in lists. */
final class ArtifactLists {
  private static final Logger log = LoggerFactory.getLogger(ArtifactLists.class);

  // Scan overviews make listing an order of magnitude slower in Harbor.
  private static final int PAGE_WITH_SCAN = 50;
  // The published description shows a space between date and time; Harbor's code wants the T.
  private static final DateTimeFormatter QUERY_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  private final HarborApi api;

  ArtifactLists(HarborApi api) {
    this.api = api;
  }

  /** One artifact, by tag or digest; empty when Harbor does not have it. */
  Optional<HarborArtifact> one(
      String project, String repository, String reference, HarborArtifact.Detail detail)
      throws RemoteCallException {
    HttpUrl url = asking(api.artifacts(project, repository, reference), detail).build();
    JsonNode json;
    try {
      json = api.get(url);
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
    return Optional.of(
        ArtifactJson.read(project, json)
            .orElseThrow(() ->
                api.unexpected("described " + project + "/" + repository + " without a digest")));
  }

  /** Passes each artifact on once, as its page arrives. */
  void list(String project, ArtifactQuery query, ArtifactSink sink) throws RemoteCallException {
    Set<String> seen = new HashSet<>();
    HarborApi.Sink items =
        json -> {
          Optional<HarborArtifact> artifact = read(project, json);
          if (artifact.isPresent()
              && seen.add(artifact.get().repository() + "@" + artifact.get().digest())) {
            sink.take(artifact.get());
          }
        };
    if (query.repository() != null) {
      api.pages(
          asked(api.artifacts(project, query.repository()), query).addQueryParameter("sort", "id"),
          size(query),
          items);
      return;
    }
    if (!listIfThere(
        asked(api.project(project, "artifacts"), query).addQueryParameter("sort", "id"),
        size(query),
        items)) {
      listByRepository(project, query, items);
    }
  }

  /**
   * A page of a project, what was pushed earliest first.
   *
   * @param number counted from 1
   */
  ArtifactPage byPush(String project, ArtifactQuery query, int number) throws RemoteCallException {
    HarborApi.Page page;
    try {
      page =
          api.page(
              asked(api.project(project, "artifacts"), query)
                  .addQueryParameter("sort", "push_time,id"),
              size(query),
              number);
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
      return allByPush(project, query);
    }
    List<HarborArtifact> artifacts = new ArrayList<>();
    for (JsonNode json : page.items()) {
      read(project, json).ifPresent(artifacts::add);
    }
    return new ArtifactPage(artifacts, page.more());
  }

  /** All in one, where Harbor has no list of the project that it could sort. */
  private ArtifactPage allByPush(String project, ArtifactQuery query) throws RemoteCallException {
    List<HarborArtifact> artifacts = new ArrayList<>();
    listByRepository(project, query, json -> read(project, json).ifPresent(artifacts::add));
    artifacts.sort(
        Comparator.comparing(
            HarborArtifact::pushTime, Comparator.nullsFirst(Comparator.naturalOrder())));
    return new ArtifactPage(artifacts, false);
  }

  /** Harbor lists a whole project since 2.12 (goharbor/harbor pull request 20803). */
  private void listByRepository(String project, ArtifactQuery query, HarborApi.Sink items)
      throws RemoteCallException {
    for (String repository : repositories(project)) {
      // One that is deleted meanwhile holds nothing any more.
      var _ =
          listIfThere(
              asked(api.artifacts(project, repository), query).addQueryParameter("sort", "id"),
              size(query),
              items);
    }
  }

  private static Optional<HarborArtifact> read(String project, JsonNode json) {
    Optional<HarborArtifact> artifact = ArtifactJson.read(project, json);
    if (artifact.isEmpty()) {
      log.atWarn()
          .addKeyValue("project", project)
          .log("Artifact without a proper digest and repository skipped");
    }
    return artifact;
  }

  /** False when Harbor has no such list; then nothing was passed on. */
  private boolean listIfThere(HttpUrl.Builder url, int size, HarborApi.Sink items)
      throws RemoteCallException {
    for (int number = 1; ; number++) {
      HarborApi.Page page;
      try {
        page = api.page(url, size, number);
      } catch (RemoteCallException e) {
        if (number == 1 && e.status() == 404) {
          return false;
        }
        throw e;
      }
      for (JsonNode item : page.items()) {
        items.take(item);
      }
      if (!page.more()) {
        return true;
      }
    }
  }

  /** Repositories that hold something, without the project in front. */
  private List<String> repositories(String project) throws RemoteCallException {
    Set<String> names = new LinkedHashSet<>();
    api.pages(
        api.project(project, "repositories").addQueryParameter("sort", "id"),
        HarborApi.PAGE,
        json -> {
          String name = json.path("name").asText("");
          if (name.startsWith(project + "/")
              && Grammar.FULL_REPOSITORY.accepts(name)
              && json.path("artifact_count").asLong(1) > 0) {
            names.add(name.substring(project.length() + 1));
          }
        });
    return List.copyOf(names);
  }

  private static HttpUrl.Builder asked(HttpUrl.Builder list, ArtifactQuery query) {
    HttpUrl.Builder url = asking(list, query.detail());
    List<String> terms = new ArrayList<>();
    if (query.taggedOnly()) {
      terms.add("tags=*");
    }
    if (query.pushedSince() != null) {
      terms.add("push_time=[" + QUERY_TIME.format(query.pushedSince()) + "~]");
    }
    if (!terms.isEmpty()) {
      url.addQueryParameter("q", String.join(",", terms));
    }
    return url;
  }

  private static int size(ArtifactQuery query) {
    return query.detail().scan() ? PAGE_WITH_SCAN : HarborApi.PAGE;
  }

  private static HttpUrl.Builder asking(HttpUrl.Builder url, HarborArtifact.Detail detail) {
    url.addQueryParameter("with_tag", "true");
    if (detail.labels()) {
      url.addQueryParameter("with_label", "true");
    }
    if (detail.accessories()) {
      url.addQueryParameter("with_accessory", "true");
    }
    if (detail.scan()) {
      url.addQueryParameter("with_scan_overview", "true");
    }
    return url;
  }
}
