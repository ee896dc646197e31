package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.api.InvalidSpecException;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProviderSpec.Auth;
import io.goharbor.preheat.api.P2PProviderSpec.AuthType;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.api.Tls;
import io.goharbor.preheat.api.Tls.CaBundleRef;
import io.goharbor.preheat.http.RecordingServer;
import io.goharbor.preheat.http.Redactor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server gets no request but for what a reference can name. */
class SecretNamesTest {
  private static final String SECRET =
      "200 OK\r\nContent-Type: application/json\r\n\r\n"
          + "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"},"
          + "\"data\":{\"k\":\"c2VjcmV0\"}}";

  private final RecordingServer api = new RecordingServer(line -> SECRET);
  private final KubernetesClient client =
      new KubernetesClientBuilder()
          .withConfig(
              new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                  .withMasterUrl(api.url())
                  .withRequestRetryBackoffLimit(0)
                  .build())
          .withHttpClientFactory(new OkHttpClientFactory())
          .build();
  private final Secrets secrets =
      new Secrets(client, new Redactor(InstantSource.system()), Duration.ZERO);

  @AfterEach
  void close() {
    client.close();
    api.close();
  }

  @ParameterizedTest
  @MethodSource("io.goharbor.preheat.http.HostileTexts#all")
  void a_name_that_is_none_is_not_asked_for(String text) {
    refused(() -> secrets.headerValue("tenant", new SecretKeyRef(text, "k")));
    refused(() -> secrets.basicAuth("tenant", new LocalRef(text)));
    refused(() -> secrets.providerAuth("tenant", auth(AuthType.BASIC, text, null)));
    refused(() -> secrets.providerAuth("tenant", auth(AuthType.HEADER, text, "X-Stolen")));
    for (CaBundleRef.Kind kind : CaBundleRef.Kind.values()) {
      refused(
          () -> secrets.tls("tenant", new Tls(new CaBundleRef(kind, text, "ca.crt"), null, null)));
    }
    refused(() -> secrets.tls("tenant", new Tls(null, new LocalRef(text), null)));
    refused(() -> new NamespaceLabels(client).of(text));
    refused(() -> NamedResources.of(client.secrets(), text, "s").get());
    assertThat(api.heads()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "..data", "a/b", "a b", "../x", "\u0000"})
  void a_key_that_is_none_is_told(String key) {
    refused(() -> secrets.headerValue("tenant", new SecretKeyRef("s", key)));
    assertThat(api.heads()).isEmpty();
  }

  @Test
  void what_can_be_a_name_is_asked_for_in_the_namespace() throws Exception {
    assertThat(secrets.headerValue("tenant", new SecretKeyRef("a.b-c", "k"))).isEqualTo("secret");
    assertThat(api.targets()).isEqualTo(List.of("/api/v1/namespaces/tenant/secrets/a.b-c"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "content-length",
        "Transfer-Encoding",
        "CONNECTION",
        "Keep-Alive",
        "TE",
        "Upgrade",
        "X Y",
        "X:Y",
        "X\r\nY",
        "\u00e9"
      })
  void a_header_that_frames_the_request_is_not_sent(String header) {
    refused(() -> secrets.providerAuth("tenant", auth(AuthType.HEADER, "s", header)));
  }

  private static Auth auth(
      AuthType type, String secret, @org.jspecify.annotations.Nullable String header) {
    return new Auth(type, new SecretKeyRef(secret, "k"), header);
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidSpecException.class,
            e -> assertThat(e.describe()).hasSizeLessThan(400).matches("[ -~]*"));
  }
}
