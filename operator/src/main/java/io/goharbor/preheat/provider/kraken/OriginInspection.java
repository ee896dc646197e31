package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass over blobs at the origins. An origin that does not answer is asked once in a pass, not
 * once for each blob.
 *
 * <p>Owners are asked to fetch directly. The origin that is asked downloads the blob, owner or not,
 * and hands it to the other owners; when that fails it only logs, and says from then on that all is
 * well. So a copy that stays away can only be had by asking the owner that lacks it.
 */
final class OriginInspection {
  private static final String ENTRY = "";

  private final KrakenOrigins origins;
  private final ParallelCalls calls;
  private final Pressure pressure;
  private final boolean prefetch;
  private final Map<String, RemoteCallException> silent = new ConcurrentHashMap<>();

  /**
   * A pass.
   *
   * @param prefetch whether the origins offer it; metainfo is asked for otherwise
   */
  OriginInspection(
      KrakenOrigins origins, ParallelCalls calls, Pressure pressure, boolean prefetch) {
    this.origins = origins;
    this.calls = calls;
    this.pressure = pressure;
    this.prefetch = prefetch;
  }

  /** Whether the owners' version can prefetch: the same as {@link #start} where it can. */
  boolean startsByPrefetch(BlobName blob) throws RemoteCallException {
    return first(blob, owner -> ask(owner, () -> origins.prefetch(owner, blob)))
        != KrakenOrigins.Fetch.NOT_OFFERED;
  }

  /** Has the first owner that can be reached and has a free worker fetch a blob. */
  void start(BlobName blob) throws RemoteCallException {
    first(blob, owner -> fetch(owner, blob));
  }

  private interface Way {
    KrakenOrigins.Fetch through(String owner) throws RemoteCallException;
  }

  private KrakenOrigins.Fetch first(BlobName blob, Way way) throws RemoteCallException {
    RemoteCallException last = null;
    for (String owner : owners(blob.digest())) {
      try {
        return patiently(owner, blob, way);
      } catch (RemoteCallException e) {
        // What may have arrived is under way there; a second owner would download it once more.
        boolean elsewhere =
            e.failureClass() == FailureClass.WAIT || (noAnswer(e) && !e.mayHaveArrived());
        if (!elsewhere) {
          throw e;
        }
        last = last != null && last.failureClass() == FailureClass.WAIT ? last : e;
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
   * @param namespaces under which the blob is wanted; one that the registry lets through is enough
   * @param partlyBefore whether the look before found it with some owners only: time enough to have
   *     handed it on
   * @param mayAsk whether to ask for what is missing
   */
  BlobState at(
      String digest, Collection<String> namespaces, boolean partlyBefore, BooleanSupplier mayAsk) {
    BlobLocations copies;
    try {
      copies = copies(new BlobName(namespaces.iterator().next(), digest));
    } catch (RemoteCallException e) {
      return unanswered(e);
    }
    boolean partly = !copies.holding().isEmpty();
    RemoteCallException unanswered = copies.unanswered();
    List<String> toAsk = toAsk(copies, partlyBefore);
    if (!toAsk.isEmpty() && mayAsk.getAsBoolean()) {
      for (String owner : toAsk) {
        Map<String, RemoteCallException> failures = refetch(owner, digest, namespaces);
        if (failures.size() < namespaces.size()) {
          continue;
        }
        Optional<RemoteCallException> open =
            failures.values().stream().filter(e -> !cannotFetch(e)).findFirst();
        if (open.isEmpty()) {
          return new BlobState.Failed(failures);
        }
        if (open.get().failureClass() != FailureClass.WAIT) {
          unanswered = open.get();
        }
      }
    }
    if (unanswered != null) {
      return unanswered(unanswered);
    }
    return copies.lacking().isEmpty()
        ? new BlobState.Held(copies.holding().size())
        : new BlobState.Missing(partly);
  }

  /** Asks every owner of a blob whether it holds it, and for nothing else. */
  BlobLocations copies(BlobName blob) throws RemoteCallException {
    List<String> holding = new ArrayList<>();
    List<String> lacking = new ArrayList<>();
    RemoteCallException unanswered = null;
    for (String owner : owners(blob.digest())) {
      try {
        boolean holds = ask(owner, () -> origins.holds(owner, blob));
        (holds ? holding : lacking).add(owner);
      } catch (RemoteCallException e) {
        unanswered = e;
      }
    }
    return new BlobLocations(holding, lacking, unanswered);
  }

  /** Takes a blob out of one origin's cache; false when it was not there. */
  boolean delete(String owner, String digest) throws RemoteCallException {
    return ask(owner, () -> origins.delete(owner, digest));
  }

  /** Addresses of the healthy origins that own a blob; at least one. */
  List<String> owners(String digest) throws RemoteCallException {
    return ask(ENTRY, () -> origins.locations(digest));
  }

  private static List<String> toAsk(BlobLocations copies, boolean partlyBefore) {
    if (copies.lacking().isEmpty()) {
      return List.of();
    }
    if (copies.holding().isEmpty()) {
      return copies.lacking().subList(0, 1);
    }
    return partlyBefore ? copies.lacking() : List.of();
  }

  /** Asks under one namespace after the other; what each met, until one was let through. */
  private Map<String, RemoteCallException> refetch(
      String owner, String digest, Collection<String> namespaces) {
    Map<String, RemoteCallException> failures = new LinkedHashMap<>();
    for (String namespace : namespaces) {
      BlobName blob = new BlobName(namespace, digest);
      try {
        patiently(owner, blob, address -> fetch(address, blob));
        return failures;
      } catch (RemoteCallException e) {
        failures.put(namespace, e);
      }
    }
    return failures;
  }

  private KrakenOrigins.Fetch fetch(String owner, BlobName blob) throws RemoteCallException {
    if (prefetch) {
      KrakenOrigins.Fetch answer = ask(owner, () -> origins.prefetch(owner, blob));
      if (answer != KrakenOrigins.Fetch.NOT_OFFERED) {
        return answer;
      }
      // An upgrade is under way, and this origin's turn has not come.
    }
    return ask(owner, () -> origins.metainfo(owner, blob));
  }

  private KrakenOrigins.Fetch patiently(String owner, BlobName blob, Way way)
      throws RemoteCallException {
    Duration pause = pressure.pause(owner);
    if (pause.isPositive()) {
      throw waiting(
          "Kraken's origin at " + owner + " has no free worker; " + blob + " is asked for later",
          pause,
          null);
    }
    try {
      KrakenOrigins.Fetch answer = way.through(owner);
      pressure.free(owner);
      return answer;
    } catch (RemoteCallException e) {
      if (e.failureClass() == FailureClass.WAIT && e.status() != 0) {
        throw waiting(e.describe(), pressure.busy(owner, e.retryAfter().orElse(null)), e);
      }
      throw e;
    }
  }

  private static RemoteCallException waiting(
      String message, Duration pause, @Nullable RemoteCallException cause) {
    return new RemoteCallException(
        FailureClass.WAIT,
        Reason.RATE_LIMITED,
        cause == null ? 0 : cause.status(),
        message,
        pause,
        false,
        cause);
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

  private static boolean cannotFetch(RemoteCallException e) {
    return switch (e.reason()) {
      case JOB_FAILED, PULL_DENIED, REJECTED -> true;
      default -> false;
    };
  }

  private static boolean noAnswer(RemoteCallException e) {
    return e.status() == 0 && e.failureClass() != FailureClass.WAIT;
  }

  private static BlobState unanswered(RemoteCallException e) {
    return new BlobState.NoAnswer(e.reason(), e.describe());
  }
}
