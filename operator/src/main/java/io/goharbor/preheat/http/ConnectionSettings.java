package io.goharbor.preheat.http;

import io.goharbor.preheat.api.Grammar;
import java.time.Duration;

/**
 * All that is needed to talk to one outside system. Two equal values are served by one client.
 *
 * @param baseUrl without a trailing slash
 * @param requestsPerSecond upper limit of requests
 * @param connectTimeout for the connection to stand
 * @param readTimeout between two bytes of an answer
 */
public record ConnectionSettings(
    String baseUrl,
    Credential credential,
    TlsSettings tls,
    int requestsPerSecond,
    Duration connectTimeout,
    Duration readTimeout) {

  /**
   * Settings with a base URL in its normal form.
   *
   * @throws io.goharbor.preheat.api.InvalidSpecException when the base URL is none
   */
  public ConnectionSettings {
    while (baseUrl.endsWith("/")) {
      baseUrl = baseUrl.substring(0, baseUrl.length() - 1);
    }
    Grammar.URL.check("URL", baseUrl);
  }

  /** Settings with the usual time-outs: 5 s to connect, 30 s to read. */
  public static ConnectionSettings of(
      String baseUrl, Credential credential, TlsSettings tls, int requestsPerSecond) {
    return new ConnectionSettings(
        baseUrl, credential, tls, requestsPerSecond, Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /** The same system under another base URL. */
  public ConnectionSettings withBaseUrl(String url) {
    return new ConnectionSettings(
        url, credential, tls, requestsPerSecond, connectTimeout, readTimeout);
  }

  /** The same with another read time-out. */
  public ConnectionSettings withReadTimeout(Duration timeout) {
    return new ConnectionSettings(
        baseUrl, credential, tls, requestsPerSecond, connectTimeout, timeout);
  }
}
