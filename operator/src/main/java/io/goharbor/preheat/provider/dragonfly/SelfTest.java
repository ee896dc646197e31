package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.Reply;
import io.goharbor.preheat.http.UrlPath;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Pulls the smallest blob of an artifact through a peer's proxy, as a container runtime would, and
 * reads off the answer under which id the peer looked for it. Once an hour, ahead of a preheat.
 */
final class SelfTest {
  private static final Duration PAUSE = Duration.ofHours(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);
  private static final int LARGEST = 8 * 1024 * 1024;
  private static final AnswerLimit BLOB =
      new AnswerLimit("blob of the self-test", LARGEST, 0, 0, Duration.ofSeconds(10));
  private static final String TASK_ID = "X-Dragonfly-Task-ID";

  private final RemoteSystem proxy;
  private final TaskIds ids;
  private final InstantSource clock;
  private final AtomicReference<Instant> due = new AtomicReference<>(Instant.MIN);

  SelfTest(RemoteSystem proxy, TaskIds ids, InstantSource clock) {
    this.proxy = proxy;
    this.ids = ids;
    this.clock = clock;
  }

  /** Tests, if it is time; whatever goes wrong is only noted. */
  void beforePreheat(ImageManifest manifest, PullAuthorization authorization) {
    Optional<ImageManifest.Blob> smallest =
        manifest.blobs().stream()
            .filter(blob -> blob.size() <= LARGEST)
            .min(Comparator.comparingLong(ImageManifest.Blob::size));
    Instant now = clock.instant();
    Instant at = due.get();
    if (smallest.isEmpty() || now.isBefore(at) || !due.compareAndSet(at, now.plus(PAUSE))) {
      return;
    }
    try {
      String digest = smallest.get().digest();
      String id = pull(manifest, digest, authorization);
      if (Dialect.idOfDigest(digest).equals(id)) {
        ids.found(TaskIds.Scheme.BLOB_DIGEST);
      } else if (new Dialect(null, null, null, null).idOfUrl(manifest.blobUrl(digest)).equals(id)) {
        ids.found(TaskIds.Scheme.URL);
      } else {
        again(
            now,
            id == null
                ? proxy.name() + " answered without " + TASK_ID + "; is it a peer's proxy?"
                : proxy.name()
                    + " looked for an id that is neither that of the blob nor that of its URL; does"
                    + " it add a tag or application?");
      }
    } catch (RemoteCallException e) {
      again(now, e.describe());
    }
  }

  private void again(Instant now, String why) {
    ids.notFound(why);
    due.set(now.plus(PAUSE_AFTER_FAILURE));
  }

  private @Nullable String pull(
      ImageManifest manifest, String digest, PullAuthorization authorization)
      throws RemoteCallException {
    Request.Builder request =
        new Request.Builder()
            .url(
                proxy
                    .url(UrlPath.of("v2").andParts(manifest.fullRepository()).and("blobs", digest))
                    .build())
            .header("X-Dragonfly-Registry", manifest.registryUrl());
    authorization.header().ifPresent(value -> request.header("Authorization", value));
    Reply reply = proxy.send(request.build(), BLOB);
    return reply.headers().get(TASK_ID);
  }
}
