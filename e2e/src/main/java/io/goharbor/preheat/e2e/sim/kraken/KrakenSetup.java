package io.goharbor.preheat.e2e.sim.kraken;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated Kraken is set up.
 *
 * @param registryUrl base URL of the registry behind the origins
 * @param account static account of the origins at the registry; null: none is used
 * @param origins how many there are
 * @param maxReplica how many of them own a blob
 * @param prefetch whether origins have the prefetch call (since October 2025)
 * @param ociManifests whether the proxy knows OCI manifests (since June 2026)
 * @param errorMemory how long an origin remembers a failed download; 15 s in Kraken
 * @param checkDigests whether origins refuse content that is not what its digest says, as Kraken
 *     does; off for registries that serve made-up content
 * @param tls null: plain HTTP; else every call but GET and HEAD needs a client certificate
 */
public record KrakenSetup(
    String registryUrl,
    @Nullable Account account,
    int origins,
    int maxReplica,
    boolean prefetch,
    boolean ociManifests,
    Duration errorMemory,
    boolean checkDigests,
    @Nullable SSLContext tls) {

  /** An account at the registry. */
  public record Account(String user, String password) {
    @Override
    public String toString() {
      return user + ":***";
    }
  }

  /** The current version: three origins of which two own each blob, as in Kraken's chart. */
  public static KrakenSetup current(String registryUrl) {
    return new KrakenSetup(registryUrl, null, 3, 2, true, true, Duration.ofSeconds(15), true, null);
  }

  /** The same as version 0.1.9: no prefetch, Docker manifests only. */
  public KrakenSetup old() {
    return new KrakenSetup(
        registryUrl, account, origins, maxReplica, false, false, errorMemory, checkDigests, tls);
  }

  /** The same with another ring. */
  public KrakenSetup ring(int count, int replicas) {
    return new KrakenSetup(
        registryUrl,
        account,
        count,
        replicas,
        prefetch,
        ociManifests,
        errorMemory,
        checkDigests,
        tls);
  }

  /** The same with an account at the registry. */
  public KrakenSetup account(String user, String password) {
    return new KrakenSetup(
        registryUrl,
        new Account(user, password),
        origins,
        maxReplica,
        prefetch,
        ociManifests,
        errorMemory,
        checkDigests,
        tls);
  }

  /** The same with another memory of failed downloads. */
  public KrakenSetup errorMemory(Duration memory) {
    return new KrakenSetup(
        registryUrl,
        account,
        origins,
        maxReplica,
        prefetch,
        ociManifests,
        memory,
        checkDigests,
        tls);
  }

  /** The same for a registry that serves made-up content. */
  public KrakenSetup anyContent() {
    return new KrakenSetup(
        registryUrl, account, origins, maxReplica, prefetch, ociManifests, errorMemory, false, tls);
  }

  /** The same with TLS. */
  public KrakenSetup tls(SSLContext context) {
    return new KrakenSetup(
        registryUrl,
        account,
        origins,
        maxReplica,
        prefetch,
        ociManifests,
        errorMemory,
        checkDigests,
        context);
  }
}
