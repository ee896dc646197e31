package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProviderSpec.Auth;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.http.TlsSettings;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads Secrets and CA bundles by name, so that the operator needs no permission to list or watch
 * Secrets. A value is kept for some seconds: a rotated one takes effect within that time. A name or
 * key that can be none is an {@link io.goharbor.preheat.api.InvalidSpecException}.
 */
public final class Secrets {
  /** How long a read value is used. */
  public static final Duration KEPT = Duration.ofSeconds(15);

  /** One that is not there may be created a moment later, from the same file. */
  private static final Duration ABSENT_KEPT = Duration.ofSeconds(1);

  /** What the API server answered; kept also when it is a no, so that no one asks at once again. */
  private sealed interface Answer {
    record Found(Map<String, String> data) implements Answer {}

    record Absent() implements Answer {}

    record Forbidden() implements Answer {}
  }

  private final KubernetesClient client;
  private final Redactor redactor;
  private final Cache<String, Answer> cache;

  /**
   * Reads with the given client.
   *
   * @param redactor learns each value that is used
   */
  public Secrets(KubernetesClient client, Redactor redactor) {
    this(client, redactor, KEPT);
  }

  /**
   * Reads with the given client.
   *
   * @param redactor learns each value that is used
   * @param kept how long a read value is used; zero: each time it is read again
   */
  public Secrets(KubernetesClient client, Redactor redactor, Duration kept) {
    this.client = client;
    this.redactor = redactor;
    this.cache =
        Caffeine.newBuilder()
            .expireAfter(
                Expiry.<String, Answer>writing((key, answer) ->
                    answer instanceof Answer.Absent && kept.compareTo(ABSENT_KEPT) > 0
                        ? ABSENT_KEPT
                        : kept))
            .maximumSize(1000)
            .ticker(Ticker.systemTicker())
            .build();
  }

  /**
   * The value of a header, without trailing line breaks.
   *
   * @throws SecretMissingException also when it holds a character that no header can carry
   */
  public String headerValue(String namespace, SecretKeyRef ref) throws SecretMissingException {
    String value = secret(namespace, ref.name(), ref.key());
    new SecretCheck(namespace, ref.name(), ref.key()).header(value);
    return value;
  }

  /** User name and password of a kubernetes.io/basic-auth Secret; no reference: no sign-in. */
  public Credential basicAuth(String namespace, @Nullable LocalRef ref)
      throws SecretMissingException {
    if (ref == null) {
      return new Credential.None();
    }
    String user = entry("Secret", namespace, ref.name(), "username");
    String password = secret(namespace, ref.name(), "password");
    new SecretCheck(namespace, ref.name(), "username").user(user);
    new SecretCheck(namespace, ref.name(), "password").password(password);
    return basic(namespace, user, password);
  }

  /** How to sign in to a provider. */
  public Credential providerAuth(String namespace, @Nullable Auth auth)
      throws SecretMissingException {
    if (auth == null || auth.secretRef() == null) {
      return new Credential.None();
    }
    SecretKeyRef ref = auth.secretRef();
    return switch (auth.type()) {
      case NONE -> new Credential.None();
      case BEARER -> new Credential.Bearer(headerValue(namespace, ref));
      case HEADER ->
          new Credential.Custom(
              auth.headerName() == null
                  ? "Authorization"
                  : Grammar.checkHeader("spec.auth.headerName", auth.headerName()),
              headerValue(namespace, ref));
      case BASIC -> {
        String value = secret(namespace, ref.name(), ref.key());
        new SecretCheck(namespace, ref.name(), ref.key()).password(value);
        int colon = value.indexOf(':');
        if (colon < 0) {
          throw new SecretMissingException(
              Reason.SECRET_UNUSABLE,
              "key " + ref.key() + " of Secret " + ref.name() + " must hold user:password");
        }
        yield basic(namespace, value.substring(0, colon), value.substring(colon + 1));
      }
    };
  }

  /** TLS material; no block: the system's authorities. */
  public TlsSettings tls(String namespace, @Nullable Tls tls) throws SecretMissingException {
    if (tls == null) {
      return TlsSettings.SYSTEM;
    }
    String ca = null;
    if (tls.caBundleRef() != null) {
      String kind =
          tls.caBundleRef().kind() == Tls.CaBundleRef.Kind.CONFIG_MAP ? "ConfigMap" : "Secret";
      ca = entry(kind, namespace, tls.caBundleRef().name(), tls.caBundleRef().key());
    }
    String certificate = null;
    String key = null;
    if (tls.clientCertificateSecretRef() != null) {
      String name = tls.clientCertificateSecretRef().name();
      certificate = entry("Secret", namespace, name, "tls.crt");
      key = secret(namespace, name, "tls.key");
    }
    return new TlsSettings(ca, certificate, key, tls.skipsVerification());
  }

  /** The password is a secret of its own, also where it is read together with the user. */
  private Credential basic(String namespace, String user, String password) {
    redactor.learn(namespace, password);
    return new Credential.Basic(user, password);
  }

  /** A value that no one may see. */
  private String secret(String namespace, String name, String key) throws SecretMissingException {
    String value = entry("Secret", namespace, name, key);
    redactor.learn(namespace, value);
    return value;
  }

  private String entry(String kind, String namespace, String name, String key)
      throws SecretMissingException {
    Grammar.OBJECT_NAME.check("name of a " + kind, name);
    Grammar.DATA_KEY.check("key of " + kind + " " + name, key);
    Map<String, String> data =
        switch (cache.get(
            kind + "/" + namespace + "/" + name, ignored -> read(kind, namespace, name))) {
          case Answer.Found found -> found.data();
          case Answer.Absent absent ->
              throw new SecretMissingException(
                  kind + " " + name + " does not exist in namespace " + namespace);
          case Answer.Forbidden forbidden ->
              throw new SecretMissingException(
                  Reason.SECRET_FORBIDDEN,
                  "the operator's ServiceAccount may not read %s %s in namespace %s: add %s to"
                          .formatted(kind, name, namespace, namespace)
                      + " rbac.secretNamespaces of the operator's chart");
        };
    String value = data.get(key);
    if (value == null) {
      throw new SecretMissingException(
          kind + " " + name + " in namespace " + namespace + " has no key " + key);
    }
    return value.stripTrailing();
  }

  private Answer read(String kind, String namespace, String name) {
    try {
      if (kind.equals("ConfigMap")) {
        ConfigMap map = NamedResources.of(client.configMaps(), namespace, name).get();
        return map == null
            ? new Answer.Absent()
            : new Answer.Found(map.getData() == null ? Map.of() : Map.copyOf(map.getData()));
      }
      Secret secret = NamedResources.of(client.secrets(), namespace, name).get();
      return secret == null ? new Answer.Absent() : new Answer.Found(decode(secret));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return new Answer.Forbidden();
      }
      throw e;
    }
  }

  private static Map<String, String> decode(Secret secret) {
    if (secret.getData() == null) {
      return Map.of();
    }
    return secret.getData().entrySet().stream()
        .collect(
            java.util.stream.Collectors.toUnmodifiableMap(
                Map.Entry::getKey,
                entry ->
                    new String(
                        Base64.getMimeDecoder().decode(entry.getValue()), StandardCharsets.UTF_8)));
  }
}
