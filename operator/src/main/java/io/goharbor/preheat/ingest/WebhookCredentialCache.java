package io.goharbor.preheat.ingest;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec.Webhook;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hooks of the registries, with their Secrets read beforehand and every ten seconds. So a
 * request asks memory only: an API server that is slow cannot hold up those who ask, and the time
 * does not tell a registry that exists from one that does not. A value that was read stays good
 * while the API server is away; nothing can be stored then anyway.
 */
public final class WebhookCredentialCache implements WebhookCredentials, AutoCloseable {
  /** Reads one value of a Secret; gives up after two seconds, and keeps nothing. */
  @FunctionalInterface
  public interface SecretReader {
    /**
     * Reads it.
     *
     * @throws SecretMissingException when it is not there
     * @throws KubernetesClientException when it cannot be told
     */
    String read(String namespace, SecretKeyRef ref) throws SecretMissingException;
  }

  /** How often all are checked. */
  public static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private static final Duration WITHIN = Duration.ofMinutes(2);

  /** One that could not be read is checked sooner when somebody asks. */
  private static final Duration FAILED_KEPT = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(WebhookCredentialCache.class);

  private record Kept(SecretKeyRef ref, WebhookCredential credential, Instant since) {}

  /** One reads; who asks meanwhile waits for that and reads no more. */
  private static final class Slot {
    final ReentrantLock reading = new ReentrantLock();
    volatile @Nullable Kept kept;
  }

  private final Function<ObjectKey, Optional<HarborRegistry>> find;
  private final Supplier<Stream<HarborRegistry>> all;
  private final SecretReader secrets;
  private final InstantSource clock;
  private final Supervisor supervisor;
  private final Map<ObjectKey, Slot> slots = new ConcurrentHashMap<>();
  private @Nullable Loop looking;

  /** Looks at registries that are found and listed so. */
  public WebhookCredentialCache(
      Function<ObjectKey, Optional<HarborRegistry>> find,
      Supplier<Stream<HarborRegistry>> all,
      SecretReader secrets,
      InstantSource clock,
      Supervisor supervisor) {
    this.find = find;
    this.all = all;
    this.secrets = secrets;
    this.clock = clock;
    this.supervisor = supervisor;
  }

  /** Reads all Secrets, then goes on to do so. */
  public synchronized void start() {
    lookAtAll();
    looking = supervisor.every("webhook-secrets", LOOK_AGAIN, WITHIN, this::lookAtAll);
  }

  @Override
  public synchronized void close() {
    if (looking != null) {
      looking.close();
    }
  }

  @Override
  public WebhookCredential find(ObjectKey key) {
    Optional<HarborRegistry> registry = find.apply(key);
    if (registry.isEmpty()) {
      return new WebhookCredential.Absent("there is no HarborRegistry " + key);
    }
    Webhook webhook = registry.get().getSpec().webhook();
    if (webhook == null) {
      return new WebhookCredential.Absent("spec.webhook of HarborRegistry " + key + " is not set");
    }
    SecretKeyRef ref = webhook.authorizationSecretRef();
    Slot slot = slots.computeIfAbsent(key, ignored -> new Slot());
    Kept kept = slot.kept;
    return kept != null && good(kept, ref) ? kept.credential() : read(slot, key, ref, false);
  }

  /** For the loop: nothing but its end may end it. */
  void lookAtAll() {
    try {
      Set<ObjectKey> seen = new HashSet<>();
      all.get()
          .forEach(registry -> {
            Webhook webhook = registry.getSpec().webhook();
            if (webhook != null) {
              ObjectKey key = ObjectKey.of(registry);
              seen.add(key);
              Slot slot = slots.computeIfAbsent(key, ignored -> new Slot());
              read(slot, key, webhook.authorizationSecretRef(), true);
            }
          });
      slots.keySet().retainAll(seen);
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).log("The Secrets of webhooks were not read; the last ones hold");
    }
  }

  private boolean good(Kept kept, SecretKeyRef ref) {
    return kept.ref().equals(ref)
        && (kept.credential() instanceof WebhookCredential.Open
            || kept.since().plus(FAILED_KEPT).isAfter(clock.instant()));
  }

  private WebhookCredential read(Slot slot, ObjectKey key, SecretKeyRef ref, boolean anew) {
    slot.reading.lock();
    try {
      Kept before = slot.kept;
      if (!anew && before != null && good(before, ref)) {
        return before.credential();
      }
      WebhookCredential credential = read(key, ref).orElseGet(() -> otherwise(before, ref));
      slot.kept = new Kept(ref, credential, clock.instant());
      return credential;
    } finally {
      slot.reading.unlock();
    }
  }

  /** What holds when the API server did not tell: the last value, if there is one. */
  private static WebhookCredential otherwise(@Nullable Kept before, SecretKeyRef ref) {
    return before != null
            && before.ref().equals(ref)
            && before.credential() instanceof WebhookCredential.Open open
        ? open
        : new WebhookCredential.Unavailable("the Kubernetes API cannot be read now");
  }

  private static WebhookCredential unreadable(ObjectKey key, String why) {
    return new WebhookCredential.Unavailable(
        "spec.webhook.authorizationSecretRef of HarborRegistry " + key + " cannot be read: " + why);
  }

  /** Empty when the API server did not tell. */
  private Optional<WebhookCredential> read(ObjectKey key, SecretKeyRef ref) {
    try {
      String value = secrets.read(key.namespace(), ref);
      return Optional.of(
          value.isEmpty()
              ? new WebhookCredential.Unavailable(
                  "the value of spec.webhook.authorizationSecretRef of HarborRegistry "
                      + key
                      + " is empty")
              : new WebhookCredential.Open(new ExpectedAuthorization(value)));
    } catch (SecretMissingException e) {
      return Optional.of(unreadable(key, e.describe()));
    } catch (InvalidSpecException e) {
      return Optional.of(unreadable(key, e.describe()));
    } catch (RuntimeException e) {
      // Whatever comes up, it says nothing about the Secret; its message might.
      log.atDebug()
          .addKeyValue("registry", key)
          .log("The Secret was not read: {}", e.getClass().getSimpleName());
      return Optional.empty();
    }
  }
}
