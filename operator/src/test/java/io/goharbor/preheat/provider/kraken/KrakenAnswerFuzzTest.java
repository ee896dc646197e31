package io.goharbor.preheat.provider.kraken;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.goharbor.preheat.http.AnyAnswer;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;

/**
 * Answers of any kind to all that Kraken is asked. Without a fuzzing engine these run the answers
 * of the corpus; with {@code JAZZER_FUZZ=1} in the environment they search for new ones.
 */
class KrakenAnswerFuzzTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final BlobName BLOB = new BlobName("shop/web", DIGEST);
  private static final KrakenOrigins ORIGINS =
      new KrakenOrigins(
          new HttpClients(),
          "Kraken origin of a/b",
          ConnectionSettings.of(
              AnyAnswer.url(), new Credential.None(), TlsSettings.SYSTEM, 1_000_000),
          Duration.ofSeconds(5));
  private static final KrakenProxy PROXY =
      new KrakenProxy(AnyAnswer.system(), AnyAnswer.system(), Clock.systemUTC());

  /** Bodies of any kind. */
  @FuzzTest(maxDuration = "2m")
  void any_body(byte[] body) throws Exception {
    String address = URI.create(AnyAnswer.url()).getAuthority();
    AnyAnswer.check(
        body,
        ORIGINS::readiness,
        ORIGINS::offersPrefetch,
        () -> ORIGINS.locations(DIGEST),
        () -> ORIGINS.metainfo(address, BLOB),
        () -> ORIGINS.prefetch(address, BLOB),
        () -> ORIGINS.delete(address, DIGEST),
        PROXY::health,
        PROXY::takesNotifications);
  }
}
