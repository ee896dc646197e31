package io.goharbor.preheat.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys from PEM text: PKCS#8, and what cert-manager writes unless
 * told otherwise, PKCS#1 for RSA (RFC 8017) and SEC 1 for elliptic curves (RFC 5915). No message
 * holds any of the text.
 */
public final class Pem {
  private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int PARAMETERS = 0xa0;

  private Pem() {}

  /** The certificates, in the order in which they stand there. */
  public static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  /** The private key. */
  public static PrivateKey privateKey(String pem) throws GeneralSecurityException {
    try {
      Optional<byte[]> pkcs8 = block(pem, "PRIVATE KEY");
      Optional<byte[]> rsa = block(pem, "RSA PRIVATE KEY");
      Optional<byte[]> ec = block(pem, "EC PRIVATE KEY");
      if (pkcs8.isPresent()) {
        return key(pkcs8.get(), List.of("RSA", "EC", "EdDSA"));
      } else if (rsa.isPresent()) {
        return key(wrapped(RSA, rsa.get()), List.of("RSA"));
      } else if (ec.isPresent()) {
        return key(wrapped(der(SEQUENCE, EC, curve(ec.get())), ec.get()), List.of("EC"));
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new GeneralSecurityException("the private key is out of form");
    }
    throw new GeneralSecurityException(
        "the private key must be PEM without a password (BEGIN PRIVATE KEY, BEGIN RSA PRIVATE KEY"
            + " or BEGIN EC PRIVATE KEY)");
  }

  private static PrivateKey key(byte[] pkcs8, List<String> algorithms)
      throws GeneralSecurityException {
    for (String algorithm : algorithms) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException next) {
        // Another algorithm may fit; PKCS#8 does not name it outside its encoding.
      }
    }
    throw new GeneralSecurityException("the private key is neither RSA, EC nor EdDSA");
  }

  private static Optional<byte[]> block(String pem, String type) {
    Matcher block =
        Pattern.compile(
                "-----BEGIN " + type + "-----([A-Za-z0-9+/=\\s]*)-----END " + type + "-----")
            .matcher(pem);
    return block.find()
        ? Optional.of(Base64.getMimeDecoder().decode(block.group(1)))
        : Optional.empty();
  }

  /** PKCS#8 around the key of one algorithm (RFC 5208). */
  private static byte[] wrapped(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, VERSION_0, algorithm, der(OCTETS, key));
  }

  /** The parameters of an elliptic key: after the version and the key itself, under tag 0. */
  private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
    int at = content(sec1, 0);
    while (at < sec1.length) {
      int from = content(sec1, at);
      int to = from + length(sec1, at);
      if ((sec1[at] & 0xff) == PARAMETERS) {
        return java.util.Arrays.copyOfRange(sec1, from, to);
      }
      at = to;
    }
    throw new GeneralSecurityException("the EC private key does not name its curve");
  }

  private static int content(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first - 0x80);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = at + 2; i < content(der, at); i++) {
      length = (length << 8) | (der[i] & 0xff);
    }
    if (length < 0 || length > der.length) {
      throw new IllegalArgumentException();
    }
    return length;
  }

  private static byte[] der(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(tag);
    if (content.size() < 0x80) {
      all.write(content.size());
    } else {
      all.write(0x82);
      all.write(content.size() >> 8);
      all.write(content.size());
    }
    all.writeBytes(content.toByteArray());
    return all.toByteArray();
  }
}
