package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Answer;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.UrlPath;
import java.io.IOException;
import java.util.Optional;
import okhttp3.Request;

/** Harbor's registry: manifests with their blobs. */
final class ManifestReader {
  private static final String TYPES =
      String.join(
          ", ",
          ManifestJson.OCI_MANIFEST,
          ManifestJson.DOCKER_MANIFEST,
          ManifestJson.OCI_INDEX,
          ManifestJson.DOCKER_LIST);

  private final RemoteSystem registry;
  private final String pullUrl;
  private final PullTokens tokens;

  ManifestReader(RemoteSystem registry, String pullUrl, PullTokens tokens) {
    this.registry = registry;
    this.pullUrl = pullUrl;
    this.tokens = tokens;
  }

  Optional<Manifest> read(String project, String repository, String digest)
      throws RemoteCallException {
    HarborNames.fullRepository(registry, project + "/" + repository);
    HarborNames.digest(registry, digest);
    try {
      return Optional.of(fetch(project, repository, digest));
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Manifest decode(Answer answer, String project, String repository, String digest)
      throws IOException {
    JsonNode json = answer.json();
    if (!ManifestJson.namesDigestsOnly(json)) {
      throw notPreheatable(
          project
              + "/"
              + repository
              + "@"
              + digest
              + " cannot be preheated: it names something by what is no digest");
    }
    String subject = ManifestJson.subject(json);
    if (ManifestJson.isIndex(json)) {
      return new Manifest.Index(digest, subject, ManifestJson.entries(json));
    }
    String contentType = answer.headers().get("Content-Type");
    String mediaType =
        json.path("mediaType").asText(contentType == null ? "" : contentType.split(";", 2)[0]);
    if (!ManifestJson.hasBlobs(json)) {
      throw notPreheatable(
          project
              + "/"
              + repository
              + "@"
              + digest
              + " cannot be preheated: its media type "
              + mediaType
              + " lists no layers");
    }
    return new Manifest.Blobs(
        new ImageManifest(
            pullUrl, project, repository, digest, mediaType, ManifestJson.blobs(json)),
        subject,
        ManifestJson.isNydus(json));
  }

  /** A manifest with blobs. */
  Optional<ImageManifest> readBlobs(String project, String repository, String digest)
      throws RemoteCallException {
    Optional<Manifest> found = read(project, repository, digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return switch (found.get()) {
      case Manifest.Blobs blobs -> Optional.of(blobs.content());
      case Manifest.Index index ->
          throw notPreheatable(
              project
                  + "/"
                  + repository
                  + "@"
                  + index.digest()
                  + " is an index; only the manifest of one platform can be preheated");
    };
  }

  private Manifest fetch(String project, String repository, String digest)
      throws RemoteCallException {
    String name = project + "/" + repository;
    try {
      return fetch(project, repository, digest, tokens.get(name));
    } catch (RemoteCallException e) {
      if (e.status() != 401) {
        throw e;
      }
      // Harbor refuses tokens that are older than the project, and those of a rotated key.
      tokens.forget(name);
      return fetch(project, repository, digest, tokens.get(name));
    }
  }

  private Manifest fetch(
      String project, String repository, String digest, PullAuthorization authorization)
      throws RemoteCallException {
    String name = project + "/" + repository;
    Request.Builder request =
        new Request.Builder()
            .url(registry.url(UrlPath.of("v2").andParts(name).and("manifests", digest)).build())
            .header("Accept", TYPES);
    authorization.header().ifPresent(value -> request.header("Authorization", value));
    return registry.read(
        request.build(),
        AnswerLimit.MANIFEST,
        answer -> decode(answer, project, repository, digest));
  }

  private RemoteCallException notPreheatable(String message) {
    return new RemoteCallException(
        FailureClass.PERMANENT,
        Reason.NOT_PREHEATABLE,
        200,
        registry.name() + ": " + message,
        null,
        true,
        null);
  }
}
