package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One manifest to preheat on one provider.
 *
 * @param id key of this attempt, unique over all executions; drivers hand it to the system where it
 *     takes one, to find the job again
 * @param tag a tag for people, or null
 * @param platform os/arch of the manifest when it is one of an index, or null
 * @param timeLimit how long the provider may take
 * @param remainder what an earlier attempt left undone; null: everything is to be fetched. A driver
 *     that cannot send parts fetches everything
 * @param begun when this attempt was stored, which was before it was sent
 */
public record PreheatOrder(
    String id,
    ImageManifest manifest,
    @Nullable String tag,
    @Nullable String platform,
    Target target,
    Duration timeLimit,
    PullAuthority pullAuthority,
    @Nullable Remainder remainder,
    Instant begun) {

  /** An order for everything, begun long ago. */
  public PreheatOrder(
      String id,
      ImageManifest manifest,
      @Nullable String tag,
      @Nullable String platform,
      Target target,
      Duration timeLimit,
      PullAuthority pullAuthority) {
    this(id, manifest, tag, platform, target, timeLimit, pullAuthority, null, Instant.EPOCH);
  }

  /** Mints the right to pull the order's repository, at the moment of sending. */
  @FunctionalInterface
  public interface PullAuthority {
    /** A fresh authorization. */
    PullAuthorization mint() throws RemoteCallException;
  }
}
