package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One pass over blobs at the origins. An origin that does not answer is asked once in a pass, not
 * once for each blob.
 *
 * <p>Owners are asked to fetch directly. The origin that is asked downloads the blob, owner or not,
 * and hands it to the other owners; when that fails it only logs, and says from then on that all is
 * well. So a copy that stays away can only be had by asking the owner that lacks it.
 */
final class OriginLook {
  private static final String ENTRY = "";

  private final KrakenOrigins origins;
  private final ParallelCalls calls;
  private final boolean prefetch;
  private final Map<String, RemoteCallException> silent = new ConcurrentHashMap<>();

  /**
   * A pass.
   *
   * @param prefetch whether the origins offer it; metainfo is asked for otherwise
   */
  OriginLook(KrakenOrigins origins, ParallelCalls calls, boolean prefetch) {
    this.origins = origins;
    this.calls = calls;
    this.prefetch = prefetch;
  }

  /** Has the first owner that can be reached fetch a blob. */
  KrakenOrigins.Fetch start(BlobName blob) throws RemoteCallException {
    RemoteCallException last = null;
    for (String owner : ask(ENTRY, () -> origins.locations(blob.digest()))) {
      try {
        return fetch(owner, blob);
      } catch (RemoteCallException e) {
        // What may have arrived is under way there; a second owner would download it once more.
        if (!noAnswer(e) || e.mayHaveArrived()) {
          throw e;
        }
        last = e;
      }
    }
    if (last == null) {
      throw new IllegalStateException("a blob without owners");
    }
    throw last;
  }

  /**
   * Looks whether every owner holds a blob, and asks again for what is missing; that is also where
   * a failed download shows.
   *
   * @param partlyBefore whether the look before found it with some owners only: time enough to have
   *     handed it on
   */
  BlobState at(BlobName blob, boolean partlyBefore) {
    List<String> lacking = new ArrayList<>();
    int held = 0;
    RemoteCallException unanswered = null;
    List<String> owners;
    try {
      owners = ask(ENTRY, () -> origins.locations(blob.digest()));
    } catch (RemoteCallException e) {
      return unanswered(e);
    }
    for (String owner : owners) {
      try {
        if (ask(owner, () -> origins.holds(owner, blob))) {
          held++;
        } else {
          lacking.add(owner);
        }
      } catch (RemoteCallException e) {
        unanswered = e;
      }
    }
    for (String owner : toAsk(lacking, held, partlyBefore)) {
      try {
        fetch(owner, blob);
      } catch (RemoteCallException e) {
        switch (e.reason()) {
          case JOB_FAILED, PULL_DENIED, REJECTED -> {
            return new BlobState.Failed(e.reason(), e.describe());
          }
          default -> unanswered = e.failureClass() == FailureClass.WAIT ? unanswered : e;
        }
      }
    }
    if (unanswered != null) {
      return unanswered(unanswered);
    }
    return lacking.isEmpty() ? new BlobState.Held(held) : new BlobState.Missing(held > 0);
  }

  private static List<String> toAsk(List<String> lacking, int held, boolean partlyBefore) {
    if (held == 0) {
      return lacking.isEmpty() ? lacking : lacking.subList(0, 1);
    }
    return partlyBefore ? lacking : List.of();
  }

  private KrakenOrigins.Fetch fetch(String owner, BlobName blob) throws RemoteCallException {
    return ask(
        owner, () -> prefetch ? origins.prefetch(owner, blob) : origins.metainfo(owner, blob));
  }

  private <T> T ask(String address, ParallelCalls.Call<T> call) throws RemoteCallException {
    return calls.one(() -> {
      @Nullable RemoteCallException before = silent.get(address);
      if (before != null) {
        throw before;
      }
      try {
        return call.run();
      } catch (RemoteCallException e) {
        if (noAnswer(e)) {
          silent.put(address, e);
        }
        throw e;
      }
    });
  }

  private static boolean noAnswer(RemoteCallException e) {
    return e.status() == 0 && e.failureClass() != FailureClass.WAIT;
  }

  private static BlobState unanswered(RemoteCallException e) {
    return new BlobState.NoAnswer(e.reason(), e.describe());
  }
}
