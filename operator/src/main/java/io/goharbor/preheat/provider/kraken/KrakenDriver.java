package io.goharbor.preheat.provider.kraken;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Capability;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.RunningJob;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.Warmth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Drives Kraken, which has no jobs: to preheat is to make the origins fetch blobs, and to verify is
 * to ask every origin that owns a blob whether it holds it. Asking twice is harmless, so resuming
 * is submitting. Kraken pulls with the account in its own configuration; no credential is handed
 * on.
 */
final class KrakenDriver implements P2PDriver {
  /** An origin forgets a failed download after 15 s, so a look must come sooner to see it. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final KrakenProxy proxy;
  private final @Nullable KrakenOrigins origins;
  private final String namespaceTemplate;
  private final Map<String, Set<String>> confirmed = new ConcurrentHashMap<>();

  KrakenDriver(KrakenProxy proxy, @Nullable KrakenOrigins origins, String namespaceTemplate) {
    this.proxy = proxy;
    this.origins = origins;
    this.namespaceTemplate = namespaceTemplate;
  }

  @Override
  public Health probe() {
    try {
      proxy.health();
    } catch (RemoteCallException e) {
      return new Health.Unusable(
          e.reason(), "spec.kraken.proxyURL: " + e.describe(), e.status() != 0);
    }
    // The ring of origins is what Kraken fills; a policy without target must work too.
    Set<Capability> can = EnumSet.of(Capability.SINGLE_SEED_PEER, Capability.ALL_SEED_PEERS);
    if (origins != null) {
      try {
        origins.readiness();
      } catch (RemoteCallException e) {
        return new Health.Unusable(
            e.reason(), "spec.kraken.originURL: " + e.describe(), e.status() != 0);
      }
      can.add(Capability.VERIFICATION);
    }
    return new Health.Usable(null, can);
  }

  @Override
  public Submission submit(PreheatOrder order) {
    ImageManifest manifest = order.manifest();
    String namespace = namespace(manifest);
    try {
      if (origins == null || !prefetchAll(origins, namespace, manifest)) {
        proxy.notify(order.id(), namespace, manifest);
      }
      return new Submission.Accepted(manifest.fullRepository() + "@" + manifest.digest());
    } catch (RemoteCallException e) {
      return e.failureClass() == FailureClass.PERMANENT && e.status() != 403
          ? e.status() == 404 ? new Submission.Refused(e.reason(), e.describe()) : Submission.of(e)
          : notNow(e);
    }
  }

  /** Nothing that Kraken was asked twice does harm, so no outcome is unknown. */
  private static Submission notNow(RemoteCallException e) {
    boolean wait = e.failureClass() == FailureClass.WAIT;
    return new Submission.NotNow(
        e.reason(),
        e.describe(),
        e.retryAfter().orElse(null),
        !wait && e.reason() != Reason.JOB_FAILED,
        wait || e.status() == 0 || e.status() == 403);
  }

  /** Makes the origins fetch everything; false when their version cannot. */
  private static boolean prefetchAll(
      KrakenOrigins origins, String namespace, ImageManifest manifest) throws RemoteCallException {
    for (String digest : wanted(manifest)) {
      if (origins.prefetch(namespace, digest) == KrakenOrigins.Prefetch.NOT_OFFERED) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Submission resume(PreheatOrder order) {
    return submit(order);
  }

  @Override
  public Map<String, Observation> observe(Collection<RunningJob> jobs) {
    Map<String, Observation> seen = new HashMap<>();
    for (RunningJob job : jobs) {
      Observation observation = observe(job);
      if (!(observation instanceof Observation.InProgress)
          && !(observation instanceof Observation.NoAnswer)) {
        confirmed.remove(job.jobId());
      }
      seen.put(job.jobId(), observation);
    }
    return seen;
  }

  private Observation observe(RunningJob job) {
    ImageManifest manifest = job.order().manifest();
    if (origins == null) {
      return new Observation.Finished(Warmth.unverified(manifest.bytes()));
    }
    String namespace = namespace(manifest);
    Set<String> held = confirmed.computeIfAbsent(job.jobId(), key -> ConcurrentHashMap.newKeySet());
    int owners = 0;
    List<String> missing = new ArrayList<>();
    for (String digest : wanted(manifest)) {
      if (held.contains(digest)) {
        continue;
      }
      try {
        List<String> locations = origins.locations(digest);
        owners = Math.max(owners, locations.size());
        boolean everywhere = true;
        for (String address : locations) {
          everywhere &= origins.holds(address, namespace, digest);
        }
        if (everywhere) {
          held.add(digest);
        } else {
          missing.add(digest);
        }
      } catch (RemoteCallException e) {
        return new Observation.NoAnswer(e.reason(), e.describe());
      }
    }
    if (missing.isEmpty()) {
      return new Observation.Finished(Warmth.complete(manifest.bytes(), Math.max(owners, 1)));
    }
    Observation trouble = askAgain(origins, namespace, missing);
    if (trouble != null) {
      return trouble;
    }
    long bytes =
        manifest.blobs().stream()
            .filter(blob -> held.contains(blob.digest()))
            .mapToLong(ImageManifest.Blob::size)
            .sum();
    return new Observation.InProgress(
        manifest.bytes() == 0 ? 0 : (int) (bytes * 100 / manifest.bytes()));
  }

  /** Repeats the request for what is missing; this is also where a failed download shows. */
  private static @Nullable Observation askAgain(
      KrakenOrigins origins, String namespace, List<String> missing) {
    for (String digest : missing) {
      try {
        if (origins.prefetch(namespace, digest) == KrakenOrigins.Prefetch.NOT_OFFERED) {
          return null;
        }
      } catch (RemoteCallException e) {
        if (e.failureClass() == FailureClass.WAIT || e.status() == 0) {
          return new Observation.NoAnswer(e.reason(), e.describe());
        }
        return new Observation.Failed(e.reason(), e.describe());
      }
    }
    return null;
  }

  @Override
  public Duration nextLook(Duration lastLook) {
    Duration pause = lastLook.compareTo(FIRST_PAUSE) < 0 ? FIRST_PAUSE : lastLook;
    return lastLook.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
  }

  @Override
  public void close() {
    confirmed.clear();
  }

  private String namespace(ImageManifest manifest) {
    return namespaceTemplate
        .replace("{project}", manifest.project())
        .replace("{repository}", manifest.repository());
  }

  /** The manifest itself is a blob to Kraken. */
  private static Set<String> wanted(ImageManifest manifest) {
    Set<String> digests = new LinkedHashSet<>();
    digests.add(manifest.digest());
    manifest.blobs().forEach(blob -> digests.add(blob.digest()));
    return digests;
  }
}
