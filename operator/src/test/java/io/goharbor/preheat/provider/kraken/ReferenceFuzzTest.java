package io.goharbor.preheat.provider.kraken;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import io.goharbor.preheat.api.Tls.CaBundleRef;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HostileTexts;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RecordingServer;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.http.TlsSettings;
import io.goharbor.preheat.kube.NamespaceLabels;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/**
 * Any text in the place of each reference, up to the request that it comes to. Without a fuzzing
 * engine this runs the texts that are kept beside this class's resources; with {@code
 * JAZZER_FUZZ=1} in the environment it searches for new ones.
 */
class ReferenceFuzzTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);
  private static final HarborArtifact.Detail NOTHING_MORE =
      new HarborArtifact.Detail(false, false, false);

  private static final RecordingServer SERVER =
      new RecordingServer(line ->
          line.contains("/service/token")
              ? "200 OK\r\nContent-Type: application/json\r\n\r\n{\"token\":\"t\"}"
              : "404 Not Found\r\n\r\n");
  private static final KubernetesClient KUBERNETES =
      new KubernetesClientBuilder()
          .withConfig(
              new ConfigBuilder(Config.empty())
                  .withMasterUrl(SERVER.url())
                  .withRequestRetryBackoffLimit(0)
                  .build())
          .withHttpClientFactory(new OkHttpClientFactory())
          .build();
  private static final Secrets SECRETS =
      new Secrets(KUBERNETES, new Redactor(InstantSource.system()), Duration.ZERO);
  private static final ConnectionSettings SETTINGS =
      ConnectionSettings.of(SERVER.url(), new Credential.None(), TlsSettings.SYSTEM, 1_000_000);
  private static final HarborClient HARBOR =
      new HarborClient(new HttpClients().open("Harbor", SETTINGS), SERVER.url());
  private static final KrakenOrigins ORIGINS =
      new KrakenOrigins(new HttpClients(), "Kraken", SETTINGS, Duration.ofSeconds(5));

  private interface Call {
    Object ask() throws RemoteCallException, SecretMissingException;
  }

  @AfterAll
  static void close() {
    KUBERNETES.close();
    SERVER.close();
  }

  /** Each use of a name, with the only form that the path of its request may have. */
  @FuzzTest(maxDuration = "2m")
  void no_text_leads_a_request_elsewhere(byte[] bytes) {
    // What is fuzzed does connect: to the server that records.
    BugDetectors.allowNetworkConnections();
    String text = new String(bytes, StandardCharsets.UTF_8);
    String secret = "/api/v1/namespaces/tenant/secrets/[^/]+";
    check(secret, () -> SECRETS.headerValue("tenant", new SecretKeyRef(text, "k")));
    check(secret, () -> SECRETS.basicAuth("tenant", new LocalRef(text)));
    check(secret, () -> SECRETS.tls("tenant", new Tls(null, new LocalRef(text), null)));
    check(
        "/api/v1/namespaces/tenant/configmaps/[^/]+",
        () ->
            SECRETS.tls(
                "tenant",
                new Tls(new CaBundleRef(CaBundleRef.Kind.CONFIG_MAP, text, "ca.crt"), null, null)));
    check("/api/v1/namespaces/[^/]+", () -> new NamespaceLabels(KUBERNETES).of(text));

    String artifact = "/api/v2\\.0/projects/[^/]+/repositories/[^/]+/artifacts/[^/]+";
    check(artifact, () -> HARBOR.artifact(text, "web", "1", NOTHING_MORE));
    check(artifact, () -> HARBOR.artifact("shop", text, "1", NOTHING_MORE));
    check(artifact, () -> HARBOR.artifact("shop", "web", text, NOTHING_MORE));
    String manifest = "/service/token|/v2/[^/]+/.+/manifests/[^/]+";
    check(manifest, () -> HARBOR.anyManifest(text, "web", DIGEST));
    check(manifest, () -> HARBOR.anyManifest("shop", text, DIGEST));
    check(manifest, () -> HARBOR.anyManifest("shop", "web", text));
    check("/service/token", () -> HARBOR.pullAuthorization("shop", text));
    check("/api/v2\\.0/projects/[^/]+/webhook/policies", () -> HARBOR.webhookPolicies(text));

    String blob = "/internal/namespace/[^/]+/blobs/[^/]+";
    check(blob, () -> ORIGINS.holds(SERVER.address(), new BlobName(text, DIGEST)));
    check(blob, () -> ORIGINS.holds(SERVER.address(), new BlobName("shop/web", text)));
    check(
        blob,
        () -> {
          ImageManifest image =
              new ImageManifest(SERVER.url(), "shop", "web", DIGEST, "m", List.of());
          String namespace = new NamespaceTemplate(text).of(image);
          return ORIGINS.holds(SERVER.address(), new BlobName(namespace, DIGEST));
        });
    check("/internal/blobs/[^/]+", () -> ORIGINS.delete(SERVER.address(), text));
    check(
        "/_ping",
        () -> {
          RemoteSystem system =
              new HttpClients()
                  .open(
                      "x",
                      ConnectionSettings.of(
                          SERVER.url(),
                          new Credential.Custom(text, "value"),
                          TlsSettings.SYSTEM,
                          1000));
          return system.getJson(system.url("_ping").build(), AnswerLimit.OBJECT);
        });
  }

  private static void check(String path, Call call) {
    SERVER.clear();
    try {
      call.ask();
    } catch (InvalidSpecException e) {
      assertThat(SERVER.heads()).isEmpty();
      assertThat(e.describe()).hasSizeLessThan(500).matches("[ -~]*");
    } catch (RemoteCallException | SecretMissingException e) {
      assertThat(e.getMessage()).hasSizeLessThan(2_000).matches("[ -~\u2026]*");
    }
    for (String target : SERVER.targets()) {
      assertThat(HostileTexts.isPlain(target)).as(target).isTrue();
      assertThat(target.split("\\?", 2)[0]).matches(path);
    }
    for (String head : SERVER.heads()) {
      assertThat(head.lines().filter(line -> line.startsWith("Host:"))).hasSize(1);
      assertThat(head.lines().filter(line -> line.startsWith("X-Injected"))).isEmpty();
    }
  }
}
