package io.goharbor.preheat.ingest;

import io.goharbor.preheat.http.Pem;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.SSLContext;
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

  /** Of a store in memory, which cannot be without. */
  private static final char[] PASSWORD = "memory".toCharArray();

  private final Path certificateFile;
  private final Path keyFile;
  private final SSLContext context;
  private final Loop looking;
  private volatile KeyStore store;
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
      this.store = store(chain());
      // The one of the JDK that asks for the store at every handshake.
      KeyManagerFactory keys = KeyManagerFactory.getInstance("NewSunX509");
      keys.init(new KeyStoreBuilderParameters(new Current()));
      this.context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
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
      List<X509Certificate> chain = chain();
      store = store(chain);
      log.atInfo()
          .addKeyValue("file", certificateFile)
          .addKeyValue("notAfter", chain.getFirst().getNotAfter().toInstant())
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

  private List<X509Certificate> chain() throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = Pem.certificates(text(certificateFile));
    if (chain.isEmpty()) {
      throw new GeneralSecurityException("there is no certificate");
    }
    return chain;
  }

  private KeyStore store(List<X509Certificate> chain) throws IOException, GeneralSecurityException {
    PrivateKey key = Pem.privateKey(text(keyFile));
    X509Certificate first = chain.getFirst();
    if (!belong(key, first)) {
      throw new GeneralSecurityException("the key is not that of the first certificate");
    }
    // Keys of this type open fast, as is due at every handshake; it never leaves the memory.
    KeyStore next = KeyStore.getInstance("JKS");
    next.load(null, null);
    // The name keeps a handshake that began before from taking the key of another certificate.
    String name = "webhook-" + first.getSerialNumber() + "-" + first.hashCode();
    next.setKeyEntry(name, key, PASSWORD, chain.toArray(X509Certificate[]::new));
    return next;
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

  /** The store as it is now. */
  private final class Current extends KeyStore.Builder {
    @Override
    public KeyStore getKeyStore() {
      return store;
    }

    @Override
    public KeyStore.ProtectionParameter getProtectionParameter(String alias) {
      return new KeyStore.PasswordProtection(PASSWORD);
    }
  }
}
