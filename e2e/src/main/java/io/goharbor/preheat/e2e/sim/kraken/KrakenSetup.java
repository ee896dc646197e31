package io.goharbor.preheat.e2e.sim.kraken;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a simulated Kraken is set up.
 *
 * @param registryUrl base URL of the registry behind the origins
 * @param version what it can do
 * @param account static account of the origins at the registry; null: none is used
 * @param origins how many there are
 * @param maxReplica how many of them own a blob
 * @param errorMemory how long an origin remembers a failed download; 15 s in Kraken
 * @param backendTimeout how long an origin's download may take; 60 s in Kraken
 * @param checkDigests whether origins refuse content that is not what its digest says, as Kraken
 *     does; off for registries that serve made-up content
 * @param tls null: plain HTTP; else every call but GET and HEAD needs a client certificate
 */
public record KrakenSetup(
    String registryUrl,
    KrakenVersion version,
    @Nullable Account account,
    int origins,
    int maxReplica,
    Duration errorMemory,
    Duration backendTimeout,
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
    return new KrakenSetup(
        registryUrl,
        KrakenVersion.JUNE_2026,
        null,
        3,
        2,
        Duration.ofSeconds(15),
        Duration.ofSeconds(60),
        true,
        null);
  }

  /** The same as version 0.1.9: no prefetch, Docker manifests only. */
  public KrakenSetup old() {
    return version(KrakenVersion.V0_1_9);
  }

  /** The same of another version. */
  public KrakenSetup version(KrakenVersion other) {
    return new KrakenSetup(
        registryUrl,
        other,
        account,
        origins,
        maxReplica,
        errorMemory,
        backendTimeout,
        checkDigests,
        tls);
  }

  /** The same with another ring. */
  public KrakenSetup ring(int count, int replicas) {
    return new KrakenSetup(
        registryUrl,
        version,
        account,
        count,
        replicas,
        errorMemory,
        backendTimeout,
        checkDigests,
        tls);
  }

  /** The same with an account at the registry. */
  public KrakenSetup account(String user, String password) {
    return new KrakenSetup(
        registryUrl,
        version,
        new Account(user, password),
        origins,
        maxReplica,
        errorMemory,
        backendTimeout,
        checkDigests,
        tls);
  }

  /** The same with another memory of failed downloads. */
  public KrakenSetup errorMemory(Duration memory) {
    return new KrakenSetup(
        registryUrl,
        version,
        account,
        origins,
        maxReplica,
        memory,
        backendTimeout,
        checkDigests,
        tls);
  }

  /** The same with another time-out of downloads. */
  public KrakenSetup backendTimeout(Duration timeout) {
    return new KrakenSetup(
        registryUrl,
        version,
        account,
        origins,
        maxReplica,
        errorMemory,
        timeout,
        checkDigests,
        tls);
  }

  /** The same for a registry that serves made-up content. */
  public KrakenSetup anyContent() {
    return new KrakenSetup(
        registryUrl,
        version,
        account,
        origins,
        maxReplica,
        errorMemory,
        backendTimeout,
        false,
        tls);
  }

  /** The same with TLS. */
  public KrakenSetup tls(SSLContext context) {
    return new KrakenSetup(
        registryUrl,
        version,
        account,
        origins,
        maxReplica,
        errorMemory,
        backendTimeout,
        checkDigests,
        context);
  }
}
