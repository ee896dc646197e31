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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
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

  /** Artifacts of a project that are kept to be sorted. */
  private static final int SORTED_HERE = 50_000;

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
    HarborApi.Sink<HarborArtifact> once = once(sink);
    if (query.repository() != null) {
      api.each(
          asked(api.artifacts(project, query.repository()), query).addQueryParameter("sort", "id"),
          size(query),
          HarborApi.MANY_PAGES,
          json -> read(project, json),
          once);
      return;
    }
    if (!listIfThere(
        project,
        asked(api.project(project, "artifacts"), query).addQueryParameter("sort", "id"),
        size(query),
        once)) {
      listByRepository(project, query, once);
    }
  }

  /** When something comes in meanwhile, the end of a page is the beginning of the next. */
  private static HarborApi.Sink<HarborArtifact> once(ArtifactSink sink) {
    SequencedSet<String> seen = new LinkedHashSet<>();
    return artifact -> {
      if (seen.add(artifact.repository() + "@" + artifact.digest())) {
        sink.take(artifact);
      }
      if (seen.size() > 2 * HarborApi.PAGE) {
        var _ = seen.removeFirst();
      }
    };
  }

  /**
   * A page of a project, what was pushed earliest first.
   *
   * @param number counted from 1
   */
  ArtifactPage byPush(String project, ArtifactQuery query, int number) throws RemoteCallException {
    HarborApi.Page<HarborArtifact> page;
    try {
      page =
          api.page(
              asked(api.project(project, "artifacts"), query)
                  .addQueryParameter("sort", "push_time,id"),
              size(query),
              number,
              json -> read(project, json));
    } catch (RemoteCallException e) {
      if (e.status() != 404) {
        throw e;
      }
      return allByPush(project, query);
    }
    return new ArtifactPage(page.items(), page.more());
  }

  /** All in one, where Harbor has no list of the project that it could sort. */
  private ArtifactPage allByPush(String project, ArtifactQuery query) throws RemoteCallException {
    List<HarborArtifact> artifacts = new ArrayList<>();
    listByRepository(
        project,
        query,
        artifact -> {
          if (artifacts.size() >= SORTED_HERE) {
            throw api.unexpected(
                "has more than "
                    + SORTED_HERE
                    + " artifacts in project "
                    + project
                    + ", which a Harbor before 2.12 cannot sort: upgrade it, or leave the project"
                    + " out");
          }
          artifacts.add(artifact);
        });
    artifacts.sort(
        Comparator.comparing(
            HarborArtifact::pushTime, Comparator.nullsFirst(Comparator.naturalOrder())));
    return new ArtifactPage(artifacts, false);
  }

  /** Harbor lists a whole project since 2.12 (goharbor/harbor pull request 20803). */
  private void listByRepository(
      String project, ArtifactQuery query, HarborApi.Sink<HarborArtifact> items)
      throws RemoteCallException {
    for (String repository : repositories(project)) {
      // One that is deleted meanwhile holds nothing any more.
      var _ =
          listIfThere(
              project,
              asked(api.artifacts(project, repository), query).addQueryParameter("sort", "id"),
              size(query),
              items);
    }
  }

  private static @Nullable HarborArtifact read(String project, JsonNode json) {
    Optional<HarborArtifact> artifact = ArtifactJson.read(project, json);
    if (artifact.isEmpty()) {
      log.atWarn()
          .addKeyValue("project", project)
          .log("Artifact without a proper digest and repository skipped");
    }
    return artifact.orElse(null);
  }

  /** False when Harbor has no such list; then nothing was passed on. */
  private boolean listIfThere(
      String project, HttpUrl.Builder url, int size, HarborApi.Sink<HarborArtifact> items)
      throws RemoteCallException {
    HarborApi.Pages<HarborArtifact> pages =
        api.pages(url, size, HarborApi.MANY_PAGES, json -> read(project, json));
    HarborApi.Page<HarborArtifact> page;
    try {
      page = pages.next();
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return false;
      }
      throw e;
    }
    while (true) {
      for (HarborArtifact item : page.items()) {
        items.take(item);
      }
      if (!page.more()) {
        return true;
      }
      page = pages.next();
    }
  }

  /** Repositories that hold something, without the project in front. */
  private List<String> repositories(String project) throws RemoteCallException {
    Set<String> names = new LinkedHashSet<>();
    api.each(
        api.project(project, "repositories").addQueryParameter("sort", "id"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        json -> {
          String name = json.path("name").asText("");
          return name.startsWith(project + "/")
                  && Grammar.FULL_REPOSITORY.accepts(name)
                  && json.path("artifact_count").asLong(1) > 0
              ? name.substring(project.length() + 1)
              : null;
        },
        names::add);
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
