package io.goharbor.preheat.ingest;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.policy.ExecutionFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server's answers mean for what was to be stored. */
class ExecutionStoreTest {
  private HttpServer api;
  private KubernetesClient client;
  private volatile int code = 201;
  private volatile String reason = "";

  @BeforeEach
  void start() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            byte[] body =
                code < 300
                    ? sent
                    : """
                    {"kind":"Status","apiVersion":"v1","status":"Failure","message":"no",
                     "reason":"%s","code":%d}
                    """
                        .formatted(reason, code)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, body.length);
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
    assertThatCode(this::store).doesNotThrowAnyException();
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
  @ValueSource(ints = {403, 429, 500, 503})
  void what_may_work_later_is_a_failure(int failed) {
    answer(failed, "Failure");
    assertThatThrownBy(this::store).isInstanceOf(KubernetesClientException.class);
  }

  private void answer(int withCode, String withReason) {
    code = withCode;
    reason = withReason;
  }

  private void store() {
    PreheatExecution execution =
        ExecutionFactory.of(Samples.policy("shop", null), Trigger.EVENT, "x", List.of());
    ExecutionStore.kubernetes(client).store(execution);
  }
}
