package io.goharbor.preheat.http;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;

/** Makes the OkHttp clients of all outside systems; they share connections and threads. */
public final class HttpClients {
  // No cookie jar: Harbor demands a CSRF token as soon as it sees its session cookie. No redirects:
  // Dragonfly answers unknown paths with a redirect to its console.
  private final OkHttpClient root;
  private final RequestListener listener;
  private final Redactor redactor;
  private final CallSlots slots;
  private final AnswerBudget budget;
  private final RequestListener.@Nullable Subject subject;

  /** Clients whose requests no one counts, with the usual limits. */
  public HttpClients() {
    this(
        RequestListener.NONE,
        HttpLimits.DEFAULT,
        new Redactor(InstantSource.system()),
        SendGate.OPEN);
  }

  /**
   * Clients.
   *
   * @param listener hears of the requests that are made in somebody's name
   * @param limits of all calls together
   * @param redactor learns what systems give away in confidence
   * @param gate lets requests pass or not
   */
  public HttpClients(
      RequestListener listener, HttpLimits limits, Redactor redactor, SendGate gate) {
    this(
        listener,
        new CallSlots(limits.callsPerNamespace(), limits.callsPerHost()),
        new AnswerBudget(limits.answerMemory()),
        redactor,
        gate);
  }

  HttpClients(
      RequestListener listener,
      CallSlots slots,
      AnswerBudget budget,
      Redactor redactor,
      SendGate gate) {
    this(
        new OkHttpClient.Builder()
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .protocols(List.of(Protocol.HTTP_1_1))
            // Well before servers and proxies close theirs, many after 30 or 60 seconds: a request
            // that meets the close may have arrived, and what was sent must be looked for.
            .connectionPool(new ConnectionPool(64, 20, TimeUnit.SECONDS))
            .socketFactory(new AbruptSockets())
            .addNetworkInterceptor(gate.all())
            .build(),
        listener,
        slots,
        budget,
        redactor,
        null);
  }

  private HttpClients(
      OkHttpClient root,
      RequestListener listener,
      CallSlots slots,
      AnswerBudget budget,
      Redactor redactor,
      RequestListener.@Nullable Subject subject) {
    this.root = root;
    this.listener = listener;
    this.slots = slots;
    this.budget = budget;
    this.redactor = redactor;
    this.subject = subject;
  }

  /** The same clients, in somebody's name; equal for equal names. */
  public HttpClients inNameOf(RequestListener.Subject whom) {
    return new HttpClients(root, listener, slots, budget, redactor, whom);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HttpClients clients
        && root.equals(clients.root)
        && listener.equals(clients.listener)
        && Objects.equals(subject, clients.subject);
  }

  @Override
  public int hashCode() {
    return Objects.hash(root, listener, subject);
  }

  /**
   * A client for one system.
   *
   * @throws TlsSettingsException when the PEM text cannot be used
   */
  public RemoteSystem open(String name, ConnectionSettings settings) {
    OkHttpClient.Builder builder =
        root.newBuilder()
            .connectTimeout(settings.connectTimeout())
            .readTimeout(settings.readTimeout())
            .writeTimeout(settings.readTimeout());
    applyTls(builder, settings.tls());
    String namespace = subject == null ? "" : subject.namespace();
    return new RemoteSystem(
        name,
        settings,
        builder.build(),
        listening(),
        new RemoteSystem.Shared(
            slots, budget, namespace, value -> redactor.learn(namespace, value)));
  }

  private RemoteSystem.Listening listening() {
    RequestListener.Subject whom = subject;
    return whom == null
        ? (request, outcome, took) -> {}
        : (request, outcome, took) -> listener.ended(whom, request, outcome, took);
  }

  private static void applyTls(OkHttpClient.Builder builder, TlsSettings tls) {
    if (tls.equals(TlsSettings.SYSTEM)) {
      return;
    }
    try {
      HandshakeCertificates certificates = certificates(tls);
      X509TrustManager trust =
          tls.insecureSkipVerify() ? new TrustAll() : certificates.trustManager();
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {certificates.keyManager()}, new TrustManager[] {trust}, null);
      builder.sslSocketFactory(context.getSocketFactory(), trust);
      if (tls.insecureSkipVerify()) {
        builder.hostnameVerifier((host, session) -> true);
      }
    } catch (GeneralSecurityException e) {
      throw new TlsSettingsException("TLS material cannot be used: " + e.getMessage(), e);
    }
  }

  private static HandshakeCertificates certificates(TlsSettings tls)
      throws GeneralSecurityException {
    HandshakeCertificates.Builder certificates = new HandshakeCertificates.Builder();
    if (tls.caPem() == null) {
      certificates.addPlatformTrustedCertificates();
    } else {
      List<X509Certificate> authorities = Pem.certificates(tls.caPem());
      if (authorities.isEmpty()) {
        throw new GeneralSecurityException("the CA bundle holds no certificate");
      }
      authorities.forEach(certificates::addTrustedCertificate);
    }
    if (tls.clientCertificatePem() != null && tls.clientKeyPem() != null) {
      List<X509Certificate> chain = Pem.certificates(tls.clientCertificatePem());
      if (chain.isEmpty()) {
        throw new GeneralSecurityException("there is no client certificate");
      }
      X509Certificate own = chain.getFirst();
      KeyPair keys = new KeyPair(own.getPublicKey(), Pem.privateKey(tls.clientKeyPem()));
      certificates.heldCertificate(
          new HeldCertificate(keys, own), chain.stream().skip(1).toArray(X509Certificate[]::new));
    }
    return certificates.build();
  }

  /** TLS material that cannot be used. */
  public static final class TlsSettingsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    TlsSettingsException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
