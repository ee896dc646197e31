package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ApiFailuresTest {
  private final ApiFailures failures = new ApiFailures("https://api:6443", "ann");

  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of(
            status(401, "Unauthorized", null),
            3,
            "the API server https://api:6443 does not take the credentials of ann; sign in again"),
        Arguments.of(
            status(403, "preheatexecutions is forbidden: User \"ann\" cannot create", null),
            4,
            "not permitted: preheatexecutions is forbidden: User \"ann\" cannot create; ask for a"
                + " role with it"),
        Arguments.of(
            status(404, "page not found", null),
            5,
            "the cluster at https://api:6443 does not have the kinds of preheat.goharbor.io:"
                + " install the operator's chart, or choose another --context"),
        Arguments.of(
            status(404, "preheatpolicies \"a\" not found", "a"),
            5,
            "preheatpolicies \"a\" not found"),
        Arguments.of(
            status(422, "spec.images: too many", "x"), 1, "refused: spec.images: too many"),
        Arguments.of(
            status(503, "down", null),
            1,
            "the API server https://api:6443 is too busy (503); try again"),
        Arguments.of(
            status(500, "etcd", null), 1, "the API server https://api:6443 answered 500: etcd"),
        Arguments.of(
            cause(new UnknownHostException("api")),
            1,
            "the name of the API server https://api:6443 cannot be resolved"),
        Arguments.of(
            cause(new IOException(new ConnectException("refused"))),
            1,
            "the API server https://api:6443 cannot be reached: is the cluster running, and"
                + " --context right?"),
        Arguments.of(
            cause(new SSLHandshakeException("unknown authority")),
            1,
            "no secure connection to the API server https://api:6443: unknown authority; look at"
                + " certificate-authority in the kubeconfig"),
        Arguments.of(
            cause(new SocketTimeoutException("timeout")),
            1,
            "the API server https://api:6443 did not answer in time; see --request-timeout"),
        Arguments.of(
            cause(new IOException("stream was reset\nat okhttp")),
            1,
            "no answer from the API server https://api:6443: stream was reset"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void each_failure_is_a_sentence_with_an_exit_code(
      KubernetesClientException failure, int code, String sentence) {
    PluginFailure told = failures.of(failure);

    assertThat(told.sentence()).isEqualTo(sentence);
    assertThat(told.exitCode()).isEqualTo(code);
  }

  private static KubernetesClientException status(
      int code, String message, @org.jspecify.annotations.Nullable String name) {
    StatusBuilder status = new StatusBuilder().withCode(code).withMessage(message);
    if (name != null) {
      status.withNewDetails().withName(name).endDetails();
    }
    Status built = status.build();
    return new KubernetesClientException(built);
  }

  private static KubernetesClientException cause(IOException cause) {
    return new KubernetesClientException("Operation: [list]  failed.", cause);
  }
}
