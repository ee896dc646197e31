package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.kube.EventRecorder;
import io.goharbor.preheat.kube.ResourceStore;
import io.goharbor.preheat.policy.Denials;
import io.goharbor.preheat.policy.ExecutionCreation;
import io.goharbor.preheat.policy.ExecutionCreation.NameTakenException;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server's answers mean for what was to be stored. */
class ExecutionStoreTest {
  private HttpServer api;
  private KubernetesClient client;
  private volatile int code = 201;
  private volatile String reason = "";
  private volatile String message = "no";
  private volatile byte[] there = new byte[0];

  @BeforeEach
  void start() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            boolean get = exchange.getRequestMethod().equals("GET");
            int answer = get ? 200 : code;
            byte[] body =
                get
                    ? there
                    : code < 300
                        ? sent
                        : """
                        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"%s",
                         "reason":"%s","code":%d}
                        """
                            .formatted(message, reason, code)
                            .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    api.start();
    client =
        new KubernetesClientBuilder()
            .withHttpClientFactory(new OkHttpClientFactory())
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + api.getAddress().getPort())
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    api.stop(0);
  }

  @Test
  void created_is_stored() {
    assertThatCode(this::store).doesNotThrowAnyException();
  }

  @Test
  void one_that_is_there_already_is_stored() {
    answer(409, "AlreadyExists");
    PreheatExecution same = execution("shop", 1);
    same.getMetadata().setResourceVersion("7");
    there = bytes(same);
    assertThatCode(this::store).doesNotThrowAnyException();
  }

  @Test
  void an_object_of_that_name_that_is_another_is_not_ours() {
    answer(409, "AlreadyExists");
    there = bytes(execution("shop", 2));
    assertThatThrownBy(this::store).isInstanceOf(NameTakenException.class);
    PreheatExecution strange = execution("other", 1);
    there = bytes(strange);
    assertThatThrownBy(this::store).isInstanceOf(NameTakenException.class);
  }

  @Test
  void a_conflict_over_a_quota_is_not_stored() {
    answer(409, "Conflict");
    assertThatThrownBy(this::store).isInstanceOf(KubernetesClientException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 413, 422})
  void what_is_out_of_form_is_refused(int refused) {
    answer(refused, "Invalid");
    assertThatThrownBy(this::store).isInstanceOf(ExecutionStore.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void what_may_work_later_is_a_failure(int failed) {
    answer(failed, "Failure");
    assertThatThrownBy(this::store).isInstanceOf(KubernetesClientException.class);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "admission webhook \"images.example.com\" denied the request: not this, true",
        "is forbidden: exceeded quota: q, false",
        "User \"x\" cannot create resource, false",
      })
  void what_is_denied_is_refused_in_the_words_of_who_denies_it(String words, boolean ofContent) {
    answer(403, "Forbidden");
    message = words.replace("\"", "\\\"");
    assertThatThrownBy(this::store)
        .isInstanceOfSatisfying(
            ExecutionStore.RefusedException.class,
            refused -> assertThat(refused.ofContent()).isEqualTo(ofContent))
        .hasMessage(words);
  }

  private void answer(int withCode, String withReason) {
    code = withCode;
    reason = withReason;
  }

  private void store() {
    ExecutionStore.kubernetes(
            new ExecutionCreation(
                client,
                new Denials(
                    client,
                    new ResourceStore<>(),
                    new EventRecorder(
                        client, InstantSource.system(), new Redactor(InstantSource.system())),
                    InstantSource.system())))
        .store(execution("shop", 1));
  }

  private static PreheatExecution execution(String policy, int number) {
    return ExecutionFactory.of(
        Samples.policy(policy, null),
        Trigger.EVENT,
        "x",
        List.of(new ArtifactRef("shop/app", "t", Samples.digest(number))));
  }

  private static byte[] bytes(PreheatExecution execution) {
    return Serialization.asJson(execution).getBytes(StandardCharsets.UTF_8);
  }
}
