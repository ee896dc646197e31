package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Request;

/** Harbor's registry: manifests with their blobs. */
final class ManifestReader {
  /** More than registries take: distribution limits a manifest to 4 MiB. */
  private static final int LIMIT = 8 * 1024 * 1024;

  private static final String TYPES =
      String.join(
          ", ",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json");

  private final RemoteSystem registry;
  private final String pullUrl;
  private final PullTokens tokens;

  ManifestReader(RemoteSystem registry, String pullUrl, PullTokens tokens) {
    this.registry = registry;
    this.pullUrl = pullUrl;
    this.tokens = tokens;
  }

  Optional<ImageManifest> read(String project, String repository, String digest)
      throws RemoteCallException {
    String name = project + "/" + repository;
    Reply reply;
    try {
      reply = fetch(name, digest);
    } catch (RemoteCallException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
    JsonNode json = reply.json();
    String image = name + "@" + digest;
    if (json.path("manifests").isArray()) {
      throw notPreheatable(
          image + " is an index; only the manifest of one platform can be preheated");
    }
    String contentType = reply.headers().get("Content-Type");
    String mediaType =
        json.path("mediaType").asText(contentType == null ? "" : contentType.split(";", 2)[0]);
    if (!json.path("layers").isArray()) {
      throw notPreheatable(
          image + " cannot be preheated: its media type " + mediaType + " lists no layers");
    }
    return Optional.of(
        new ImageManifest(pullUrl, project, repository, digest, mediaType, blobs(json)));
  }

  private Reply fetch(String name, String digest) throws RemoteCallException {
    try {
      return fetch(name, digest, tokens.get(name));
    } catch (RemoteCallException e) {
      if (e.status() != 401) {
        throw e;
      }
      // Harbor refuses tokens that are older than the project, and those of a rotated key.
      tokens.forget(name);
      return fetch(name, digest, tokens.get(name));
    }
  }

  private Reply fetch(String name, String digest, PullAuthorization authorization)
      throws RemoteCallException {
    Request.Builder request =
        new Request.Builder()
            .url(registry.url("v2/" + name + "/manifests/" + digest).build())
            .header("Accept", TYPES);
    authorization.header().ifPresent(value -> request.header("Authorization", value));
    return registry.send(request.build(), LIMIT);
  }

  private static List<ImageManifest.Blob> blobs(JsonNode manifest) {
    List<JsonNode> descriptors = new ArrayList<>();
    descriptors.add(manifest.path("config"));
    manifest.path("layers").forEach(descriptors::add);
    Map<String, ImageManifest.Blob> blobs = new LinkedHashMap<>();
    for (JsonNode descriptor : descriptors) {
      String digest = descriptor.path("digest").asText("");
      if (!digest.isEmpty()) {
        blobs.putIfAbsent(
            digest, new ImageManifest.Blob(digest, Math.max(0, descriptor.path("size").asLong())));
      }
    }
    return List.copyOf(blobs.values());
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
