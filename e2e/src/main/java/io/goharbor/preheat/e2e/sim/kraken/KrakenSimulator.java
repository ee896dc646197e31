package io.goharbor.preheat.e2e.sim.kraken;

import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.SimServer;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A Kraken cluster that speaks Kraken's wire formats and fetches blobs over HTTP from a registry.
 * It follows uber/kraken at August 2026, or an older {@link KrakenVersion}. Left out: agents,
 * tracker, build-index, the prefetch by tag, uploads.
 *
 * <p>Faults of single requests are programmed at {@link #proxy} and {@link #origin}; what lasts is
 * set here. An origin that goes down keeps its cache.
 */
public final class KrakenSimulator implements AutoCloseable {
  private final KrakenCluster cluster;
  private final SimProxy proxy;

  /** A cluster, up and running. */
  public KrakenSimulator(KrakenSetup setup, InstantSource clock) {
    this.cluster = new KrakenCluster(setup, clock);
    this.proxy = new SimProxy(cluster, clock);
    cluster.origins().forEach(origin -> origin.server().start());
    proxy.server().start();
    proxy.nginx().start();
  }

  /** URL of the proxy's own server, for {@code spec.kraken.proxyURL}. */
  public String proxyUrl() {
    return proxy.server().url();
  }

  /** URL of the proxy's nginx port, a mistake for {@code spec.kraken.proxyURL}. */
  public String nginxUrl() {
    return proxy.nginx().url();
  }

  /** URL of the first origin, for {@code spec.kraken.originURL}. */
  public String originUrl() {
    return origin(0).url();
  }

  /** The proxy's own server. */
  public SimServer proxy() {
    return proxy.server();
  }

  /** An origin's server. */
  public SimServer origin(int index) {
    return cluster.origins().get(index).server();
  }

  /** How many origins there are. */
  public int origins() {
    return cluster.origins().size();
  }

  /** Notifications that were sent to the proxy, without the empty ones of probes. */
  public List<Ask> notifications() {
    return proxy
        .server()
        .log(ask ->
            ask.rawPath().equals("/registry/notifications")
                && !ask.text().replaceAll("\\s", "").equals("{\"events\":[]}"));
  }

  /** What the proxy would have written to its log as errors. */
  public List<String> proxyErrors() {
    return proxy.errors();
  }

  /** Origins that own a blob at present, the first one first. */
  public List<Integer> owners(String digest) {
    return cluster.ring().owners(digest);
  }

  /** Whether an origin holds a blob. */
  public boolean holds(int origin, String digest) {
    return cluster.origins().get(origin).holds(digest);
  }

  /** Whether every owner of a blob holds it. */
  public boolean warm(String digest) {
    return owners(digest).stream().allMatch(owner -> holds(owner, digest));
  }

  /** Digests that an origin holds. */
  public Set<String> cached(int origin) {
    return cluster.origins().get(origin).cached();
  }

  /** How often origins began to download each blob from the registry. */
  public Map<String, Integer> downloads() {
    return Map.copyOf(cluster.begun());
  }

  /** Takes a blob out of one cache. */
  public void evict(int origin, String digest) {
    cluster.origins().get(origin).evict(digest);
  }

  /** Whether the ring takes an origin for healthy; going down alone does not change that. */
  public void healthy(int origin, boolean is) {
    cluster.ring().healthy(origin, is);
  }

  /** Whether an origin is in the ring at all: blobs of one that is not get other owners. */
  public void member(int origin, boolean is) {
    cluster.ring().member(origin, is);
  }

  /** Downloads take as long as they would at this speed; 0: they are done at once. */
  public void downloadSpeed(long bytesPerSecond) {
    cluster.speed(bytesPerSecond);
  }

  /** Downloads of a blob fail with these words, after the registry said that it has it. */
  public void failDownload(String digest, String words) {
    cluster.downloadFaults().put(digest, words);
  }

  /** Ends {@link #failDownload} for all blobs. */
  public void healDownloads() {
    cluster.downloadFaults().clear();
  }

  /** Whether an origin cannot be handed blobs by the others. */
  public void breakReplication(int origin, boolean broken) {
    if (broken) {
      cluster.brokenReplication().add(origin);
    } else {
      cluster.brokenReplication().remove(origin);
    }
  }

  /** Whether the origins have no free worker. */
  public void busy(boolean is) {
    cluster.busy(is);
  }

  /** Whether everything is accepted and nothing is fetched. */
  public void lying(boolean is) {
    cluster.lying(is);
  }

  @Override
  public void close() {
    proxy.close();
    cluster.close();
  }
}
