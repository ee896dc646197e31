package io.goharbor.preheat.http;

import org.jspecify.annotations.Nullable;

/**
 * TLS material as PEM text.
 *
 * @param caPem certificate authorities to trust; null: the system's
 * @param clientCertificatePem certificate chain for mutual TLS, or null
 * @param clientKeyPem its private key, or null
 * @param insecureSkipVerify accept any server certificate
 */
public record TlsSettings(
    @Nullable String caPem,
    @Nullable String clientCertificatePem,
    @Nullable String clientKeyPem,
    boolean insecureSkipVerify) {

  /** The system's authorities, no client certificate. */
  public static final TlsSettings SYSTEM = new TlsSettings(null, null, null, false);

  @Override
  public String toString() {
    return "TlsSettings[ca="
        + (caPem != null)
        + ", clientCertificate="
        + (clientCertificatePem != null)
        + ", insecureSkipVerify="
        + insecureSkipVerify
        + "]";
  }
}
