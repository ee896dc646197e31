package io.goharbor.preheat.e2e.sim.kraken;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The origins' way to a registry: blobs by digest, and manifests where the registry does not give
 * them as blobs. Signs in with its own account only, by Basic or by a token.
 */
final class RegistryBackend {
  /** The registry does not have the blob. */
  static final class NotFound extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A blob.
   *
   * @param content null when it is too long to be kept
   */
  record Fetched(long size, byte @Nullable [] content) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PARAMETER = Pattern.compile("(realm|service|scope)=\"([^\"]*)\"");
  private static final int KEPT = 4 * 1024 * 1024;
  private static final String MANIFESTS =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + " application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.oci.image.index.v1+json";

  private final KrakenSetup setup;
  private final OkHttpClient client =
      new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(60)).followRedirects(true).build();

  RegistryBackend(KrakenSetup setup) {
    this.setup = setup;
  }

  /** Whether the registry has a blob and shows it to the account. */
  void stat(String namespace, String digest) throws IOException {
    try {
      send("HEAD", namespace, "blobs", digest).close();
    } catch (NotFound e) {
      send("HEAD", namespace, "manifests", digest).close();
    }
  }

  /** Downloads a blob. */
  Fetched get(String namespace, String digest) throws IOException {
    try {
      return read(send("GET", namespace, "blobs", digest), digest);
    } catch (NotFound e) {
      return read(send("GET", namespace, "manifests", digest), digest);
    }
  }

  private Fetched read(Response response, String digest) throws IOException {
    try (response) {
      MessageDigest sum = MessageDigest.getInstance("SHA-256");
      ByteArrayOutputStream kept = new ByteArrayOutputStream();
      byte[] buffer = new byte[64 * 1024];
      long size = 0;
      InputStream body = response.body().byteStream();
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        sum.update(buffer, 0, n);
        size += n;
        if (size <= KEPT) {
          kept.write(buffer, 0, n);
        }
      }
      String computed = "sha256:" + HexFormat.of().formatHex(sum.digest());
      if (setup.checkDigests() && !computed.equals(digest)) {
        throw new IOException("computed digest " + computed + " doesn't match expected " + digest);
      }
      return new Fetched(size, size <= KEPT ? kept.toByteArray() : null);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private Response send(String method, String namespace, String kind, String digest)
      throws IOException {
    String url = setup.registryUrl() + "/v2/" + namespace + "/" + kind + "/" + digest;
    KrakenSetup.Account account = setup.account();
    String authorization =
        account == null ? null : Credentials.basic(account.user(), account.password());
    Response response = call(method, url, authorization);
    String challenge = response.header("WWW-Authenticate");
    if (response.code() == 401 && challenge != null && challenge.startsWith("Bearer ")) {
      response.close();
      response = call(method, url, "Bearer " + token(challenge, authorization));
    }
    if (response.code() == 404) {
      response.close();
      throw new NotFound();
    }
    if (response.code() != 200) {
      int status = response.code();
      response.close();
      throw new IOException(method + " " + url + " " + status);
    }
    return response;
  }

  private Response call(String method, String url, @Nullable String authorization)
      throws IOException {
    Request.Builder request =
        new Request.Builder().url(url).method(method, null).header("Accept", MANIFESTS);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.newCall(request.build()).execute();
  }

  private String token(String challenge, @Nullable String authorization) throws IOException {
    HttpUrl.@Nullable Builder realm = null;
    Matcher parameters = PARAMETER.matcher(challenge);
    while (parameters.find()) {
      if (parameters.group(1).equals("realm")) {
        realm = HttpUrl.get(parameters.group(2)).newBuilder();
      } else if (realm != null) {
        realm.addQueryParameter(parameters.group(1), parameters.group(2));
      }
    }
    if (realm == null) {
      throw new IOException("no realm in challenge");
    }
    try (Response response = call("GET", realm.build().toString(), authorization)) {
      if (response.code() != 200) {
        throw new IOException("token service answered " + response.code());
      }
      return JSON.readTree(response.body().byteStream()).path("token").asText();
    }
  }
}
