package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.PreheatOrder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes Kraken fetch the blobs of an order, by what its version can do: the origins' prefetch, else
 * a notification to the proxy, else a request for metainfo, which origins of every version answer
 * by fetching the blob first.
 */
final class Dispatch {
  private final @Nullable KrakenProxy proxy;
  private final @Nullable KrakenOrigins origins;
  private final NamespaceTemplate namespaces;
  private final ParallelCalls calls;
  private final Pressure pressure;
  private final AskedBlobs asked;
  // Until a probe or a call shows otherwise; a newer version is found by the next probe.
  private volatile boolean prefetch = true;

  Dispatch(
      @Nullable KrakenProxy proxy,
      @Nullable KrakenOrigins origins,
      NamespaceTemplate namespaces,
      ParallelCalls calls,
      Pressure pressure,
      AskedBlobs asked) {
    this.proxy = proxy;
    this.origins = origins;
    this.namespaces = namespaces;
    this.calls = calls;
    this.pressure = pressure;
    this.asked = asked;
  }

  boolean prefetch() {
    return prefetch;
  }

  void prefetch(boolean offered) {
    prefetch = offered;
  }

  /** Has everything fetched that no one asked for a moment ago. */
  void send(PreheatOrder order, String job) throws RemoteCallException {
    if (origins == null) {
      announce(order);
      return;
    }
    List<BlobName> open =
        namespaces.blobs(order.manifest()).stream()
            .filter(blob -> asked.claim(blob.digest(), order.manifest().registryUrl(), job))
            .toList();
    try {
      if (!open.isEmpty()) {
        begin(origins, order, open);
      }
    } catch (RemoteCallException e) {
      open.forEach(blob -> asked.forget(blob.digest()));
      throw e;
    }
  }

  private void begin(KrakenOrigins from, PreheatOrder order, List<BlobName> open)
      throws RemoteCallException {
    if (prefetch) {
      OriginInspection look = new OriginInspection(from, calls, pressure, true);
      // One first: what is wrong with the namespace or the account shows there already.
      if (look.startsByPrefetch(open.getFirst())) {
        startAll(look, open.subList(1, open.size()));
        return;
      }
      prefetch = false;
    }
    if (announced(order)) {
      return;
    }
    OriginInspection look = new OriginInspection(from, calls, pressure, false);
    look.start(open.getFirst());
    startAll(look, open.subList(1, open.size()));
  }

  /** Notifies the proxy, if it can be; what it passes over is fetched through the origins. */
  private boolean announced(PreheatOrder order) throws RemoteCallException {
    if (proxy == null || !KrakenProxy.heeds(order.manifest().mediaType())) {
      return false;
    }
    try {
      announce(order);
      return true;
    } catch (RemoteCallException e) {
      if (e.failureClass() == FailureClass.WAIT) {
        throw e;
      }
      return false;
    }
  }

  private void announce(PreheatOrder order) throws RemoteCallException {
    if (proxy == null) {
      throw new IllegalStateException("neither proxy nor origins");
    }
    ImageManifest manifest = order.manifest();
    proxy.announce(order.id(), namespaces.of(manifest), manifest, order.tag());
  }

  private void startAll(OriginInspection look, List<BlobName> blobs) throws RemoteCallException {
    List<RemoteCallException> failures =
        calls.each(blobs, blob -> failure(look, blob)).values().stream()
            .flatMap(Optional::stream)
            .toList();
    if (!failures.isEmpty()) {
      throw failures.stream()
          .filter(e -> e.failureClass() == FailureClass.PERMANENT)
          .findFirst()
          .orElse(failures.getFirst());
    }
  }

  private static Optional<RemoteCallException> failure(OriginInspection look, BlobName blob) {
    try {
      look.start(blob);
      return Optional.empty();
    } catch (RemoteCallException e) {
      return Optional.of(e);
    }
  }
}
