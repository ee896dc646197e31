package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {
  @ParameterizedTest
  @CsvSource({"RSA, 2048", "EC, 256", "Ed25519, 0"})
  void pkcs8(String algorithm, int size) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (size > 0) {
      generator.initialize(size);
    }
    PrivateKey key = generator.generateKeyPair().getPrivate();
    assertThat(Pem.privateKey(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
  }

  @Test
  void pkcs1() throws GeneralSecurityException {
    HeldCertificate held = new HeldCertificate.Builder().rsa2048().build();
    assertThat(Pem.privateKey(held.privateKeyPkcs1Pem())).isEqualTo(held.keyPair().getPrivate());
  }

  @ParameterizedTest
  @CsvSource({
    "secp256r1, 06082a8648ce3d030107, 32",
    "secp384r1, 06052b81040022, 48",
    "secp521r1, 06052b81040023, 66"
  })
  void sec1(String curve, String oid, int bytes) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    ECPrivateKey key = (ECPrivateKey) generator.generateKeyPair().getPrivate();
    String text =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
            + pem("EC PRIVATE KEY", sec1(key.getS(), oid, bytes));
    assertThat(((ECPrivateKey) Pem.privateKey(text)).getS()).isEqualTo(key.getS());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\n\n-----END EC PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nMIL/////\n-----END EC PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nsecret\n-----END ENCRYPTED PRIVATE KEY-----"
      })
  void what_is_no_key_is_told_without_its_text(String text) {
    assertThatThrownBy(() -> Pem.privateKey(text))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("the private key")
        .hasMessageNotContaining("secret");
  }

  private static byte[] sec1(BigInteger secret, String oid, int bytes) {
    String hex = "%0" + 2 * bytes + "x";
    String content =
        "02010104"
            + "%02x".formatted(bytes)
            + hex.formatted(secret)
            + "a0"
            + "%02x".formatted(oid.length() / 2)
            + oid;
    return HexFormat.of().parseHex("30" + "%02x".formatted(content.length() / 2) + content);
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }
}
