package io.goharbor.preheat.ingest;

import io.goharbor.preheat.http.Pem;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the webhook server shows, from two PEM files that are checked every five
 * seconds. What is read is compared, not the time of the files: a mounted Secret changes by a link
 * that turns to another folder. New connections get the new certificate; what cannot be used, such
 * as a certificate whose key has not come yet, is told once and changes nothing.
 */
public final class ServerCertificate implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private record Pair(String alias, X509Certificate[] chain, PrivateKey key) {}

  private final Path certificateFile;
  private final Path keyFile;
  private final SSLContext context;
  private final Loop looking;
  private volatile Pair pair;

  /** The one before: a handshake may be under way with it. */
  private volatile @Nullable Pair before;

  private String read;

  /**
   * Reads both files, and begins to look at them.
   *
   * @throws IOException when a file cannot be read or used; the message names the files
   */
  public ServerCertificate(Path certificateFile, Path keyFile, Supervisor supervisor)
      throws IOException {
    this(certificateFile, keyFile, supervisor, LOOK_AGAIN);
  }

  ServerCertificate(Path certificateFile, Path keyFile, Supervisor supervisor, Duration lookAgain)
      throws IOException {
    this.certificateFile = certificateFile;
    this.keyFile = keyFile;
    this.read = texts();
    try {
      this.pair = pair();
      this.context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new Keys()}, null, null);
    } catch (GeneralSecurityException e) {
      throw new IOException(unusable(e));
    }
    this.looking = supervisor.every("certificate", lookAgain, WITHIN, this::look);
  }

  /** The context whose new connections always show the certificate that is current. */
  SSLContext context() {
    return context;
  }

  /** Stops looking. */
  @Override
  public void close() {
    looking.close();
  }

  private void look() {
    try {
      String now = texts();
      if (now.equals(read)) {
        return;
      }
      read = now;
      Pair next = pair();
      before = pair;
      pair = next;
      log.atInfo()
          .addKeyValue("file", certificateFile)
          .addKeyValue("notAfter", next.chain()[0].getNotAfter().toInstant())
          .log("The webhook server shows a new certificate");
    } catch (IOException e) {
      log.atWarn().log("{}; the last certificate is shown", e.getMessage());
    } catch (GeneralSecurityException e) {
      log.atWarn().log("{}; the last certificate is shown", unusable(e));
    }
  }

  private String unusable(GeneralSecurityException e) {
    return certificateFile + " and " + keyFile + " cannot be used: " + e.getMessage();
  }

  private String texts() throws IOException {
    return text(certificateFile) + "\n" + text(keyFile);
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IOException(file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private Pair pair() throws IOException, GeneralSecurityException {
    X509Certificate[] chain =
        Pem.certificates(text(certificateFile)).stream()
            .map(X509Certificate.class::cast)
            .toArray(X509Certificate[]::new);
    if (chain.length == 0) {
      throw new GeneralSecurityException("there is no certificate");
    }
    PrivateKey key = Pem.privateKey(text(keyFile));
    if (!belong(key, chain[0])) {
      throw new GeneralSecurityException("the key is not that of the first certificate");
    }
    return new Pair(
        "webhook-" + chain[0].getSerialNumber() + "-" + chain[0].hashCode(), chain, key);
  }

  private static boolean belong(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    byte[] text = "harbor-preheat-operator".getBytes(StandardCharsets.US_ASCII);
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(text);
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(certificate.getPublicKey());
    verifying.update(text);
    return verifying.verify(signing.sign());
  }

  /** Chain and key are asked for one after the other, so the alias says of which pair. */
  private final class Keys extends X509ExtendedKeyManager {
    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      Pair now = pair;
      return fits(now, keyType) ? now.alias() : null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      Pair named = named(alias);
      return named == null ? null : named.chain();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      Pair named = named(alias);
      return named == null ? null : named.key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      Pair now = pair;
      return fits(now, keyType) ? new String[] {now.alias()} : null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    private @Nullable Pair named(String alias) {
      Pair now = pair;
      Pair last = before;
      return now.alias().equals(alias)
          ? now
          : last != null && last.alias().equals(alias) ? last : null;
    }

    /** Key types are named as algorithms are, some with how the certificate is signed behind. */
    private boolean fits(Pair of, String keyType) {
      String algorithm = of.key().getAlgorithm();
      return keyType.equals(algorithm) || keyType.startsWith(algorithm + "_");
    }
  }
}
