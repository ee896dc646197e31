package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.provider.Eviction;
import io.goharbor.preheat.provider.Health;
import io.goharbor.preheat.provider.Observation;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.Submission;
import io.goharbor.preheat.provider.VerificationResult;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** With TLS on, Kraken lets only GET and HEAD pass without a client certificate. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KrakenMutualTlsTest {
  private final HeldCertificate authority =
      new HeldCertificate.Builder().certificateAuthority(0).commonName("kraken-ca").build();
  private final HeldCertificate client =
      new HeldCertificate.Builder().commonName("operator").signedBy(authority).build();
  private @Nullable KrakenBench opened;

  @BeforeAll
  void open() {
    HeldCertificate server =
        new HeldCertificate.Builder()
            .addSubjectAlternativeName("127.0.0.1")
            .signedBy(authority)
            .build();
    opened =
        new KrakenBench(setup ->
            setup.tls(
                new HandshakeCertificates.Builder()
                    .heldCertificate(server)
                    .addTrustedCertificate(authority.certificate())
                    .build()
                    .sslContext()));
  }

  @AfterAll
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private KrakenBench bench() {
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened;
  }

  private P2PDriver driver(TlsSettings tls) {
    return bench()
        .driver(
            bench().kraken.proxyUrl(),
            bench().kraken.originUrl(),
            null,
            new Credential.None(),
            tls,
            "5s");
  }

  @Test
  void aClientCertificateOpensEveryDoorToTheLastOrigin() {
    P2PDriver driver =
        driver(
            new TlsSettings(
                authority.certificatePem(),
                client.certificatePem(),
                client.privateKeyPkcs8Pem(),
                false));

    assertThat(driver.probe()).isInstanceOf(Health.Usable.class);
    assertThat(KrakenBench.outcome(driver, KrakenBench.send(driver, bench().image("web", 1))))
        .isInstanceOf(Observation.Finished.class);
  }

  @Test
  void evictionNeedsOneToo() {
    ImageManifest image = bench().image("web", 3);
    P2PDriver trusted =
        driver(
            new TlsSettings(
                authority.certificatePem(),
                client.certificatePem(),
                client.privateKeyPkcs8Pem(),
                false));
    P2PDriver stranger = driver(new TlsSettings(authority.certificatePem(), null, null, false));
    KrakenBench.outcome(trusted, KrakenBench.send(trusted, image));

    // To look is allowed to everybody.
    assertThat(stranger.verify(KrakenBench.order(image)))
        .isInstanceOf(VerificationResult.Known.class);
    assertThat(stranger.evict(KrakenBench.order(image)))
        .isInstanceOfSatisfying(
            Eviction.NoAnswer.class,
            no -> {
              assertThat(no.reason()).isEqualTo(Reason.TLS_FAILED);
              assertThat(no.message()).contains("tls.clientCertificateSecretRef");
            });
    assertThat(trusted.evict(KrakenBench.order(image))).isInstanceOf(Eviction.Evicted.class);
  }

  @Test
  void withoutOneTheProbeNamesTheField() {
    assertThat(driver(new TlsSettings(authority.certificatePem(), null, null, false)).probe())
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            unusable -> {
              assertThat(unusable.reason()).isEqualTo(Reason.TLS_FAILED);
              assertThat(unusable.message()).contains("tls.clientCertificateSecretRef");
            });
  }

  @Test
  void withoutOneNothingIsSentAndNoAttemptIsLost() {
    P2PDriver driver = driver(new TlsSettings(authority.certificatePem(), null, null, false));

    assertThat(driver.submit(KrakenBench.order(bench().image("web", 2))))
        .isInstanceOfSatisfying(
            Submission.NotNow.class,
            no -> {
              assertThat(no.reason()).isEqualTo(Reason.TLS_FAILED);
              assertThat(no.providerFault()).isTrue();
              assertThat(no.patience()).isTrue();
            });
  }

  @Test
  void aServerOfAnUnknownAuthorityIsNotTrusted() {
    assertThat(driver(TlsSettings.SYSTEM).probe())
        .isInstanceOfSatisfying(
            Health.Unusable.class,
            unusable -> assertThat(unusable.reason()).isEqualTo(Reason.TLS_FAILED));
  }
}
