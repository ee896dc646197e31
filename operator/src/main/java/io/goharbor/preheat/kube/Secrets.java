package io.goharbor.preheat.kube;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProviderSpec.Auth;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads Secrets and CA bundles by name, so that the operator needs no permission to list or watch
 * Secrets. A value is kept for some seconds: a rotated one takes effect within that time.
 */
public final class Secrets {
  /** How long a read value is used. */
  public static final Duration KEPT = Duration.ofSeconds(15);

  private final KubernetesClient client;
  private final Cache<String, Optional<Map<String, String>>> cache;

  /** Reads with the given client. */
  public Secrets(KubernetesClient client) {
    this(client, KEPT);
  }

  /**
   * Reads with the given client.
   *
   * @param kept how long a read value is used; zero: each time it is read anew
   */
  public Secrets(KubernetesClient client, Duration kept) {
    this.client = client;
    this.cache =
        Caffeine.newBuilder()
            .expireAfterWrite(kept)
            .maximumSize(1000)
            .ticker(Ticker.systemTicker())
            .build();
  }

  /** One value of a Secret, without trailing line breaks. */
  public String value(String namespace, SecretKeyRef ref) throws SecretMissingException {
    return entry("Secret", namespace, ref.name(), ref.key());
  }

  /** User name and password of a kubernetes.io/basic-auth Secret; no reference: no sign-in. */
  public Credential basicAuth(String namespace, @Nullable LocalRef ref)
      throws SecretMissingException {
    if (ref == null) {
      return new Credential.None();
    }
    return new Credential.Basic(
        entry("Secret", namespace, ref.name(), "username"),
        entry("Secret", namespace, ref.name(), "password"));
  }

  /** How to sign in to a provider. */
  public Credential providerAuth(String namespace, @Nullable Auth auth)
      throws SecretMissingException {
    if (auth == null || auth.secretRef() == null) {
      return new Credential.None();
    }
    String value = value(namespace, auth.secretRef());
    return switch (auth.type()) {
      case NONE -> new Credential.None();
      case BEARER -> new Credential.Bearer(value);
      case HEADER ->
          new Credential.Custom(
              auth.headerName() == null ? "Authorization" : auth.headerName(), value);
      case BASIC -> {
        int colon = value.indexOf(':');
        if (colon < 0) {
          throw new SecretMissingException(
              "key "
                  + auth.secretRef().key()
                  + " of Secret "
                  + auth.secretRef().name()
                  + " must hold user:password");
        }
        yield new Credential.Basic(value.substring(0, colon), value.substring(colon + 1));
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
      key = entry("Secret", namespace, name, "tls.key");
    }
    return new TlsSettings(ca, certificate, key, tls.skipsVerification());
  }

  private String entry(String kind, String namespace, String name, String key)
      throws SecretMissingException {
    Map<String, String> data =
        cache
            .get(kind + "/" + namespace + "/" + name, ignored -> read(kind, namespace, name))
            .orElseThrow(() ->
                new SecretMissingException(
                    kind + " " + name + " does not exist in namespace " + namespace));
    String value = data.get(key);
    if (value == null) {
      throw new SecretMissingException(
          kind + " " + name + " in namespace " + namespace + " has no key " + key);
    }
    return value.stripTrailing();
  }

  private Optional<Map<String, String>> read(String kind, String namespace, String name) {
    if (kind.equals("ConfigMap")) {
      ConfigMap map = client.configMaps().inNamespace(namespace).withName(name).get();
      return Optional.ofNullable(map)
          .map(found -> found.getData() == null ? Map.of() : Map.copyOf(found.getData()));
    }
    Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
    return Optional.ofNullable(secret).map(Secrets::decode);
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
