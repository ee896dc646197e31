package io.goharbor.preheat.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers deny an execution, and whether that is about what is in it. */
class DenialTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "422 | X is invalid: spec.artifacts: Invalid value | content",
        "422 | ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not this | content",
        "413 | Request entity too large: limit is 3145728 | content",
        "400 | strict decoding error: unknown field | content",
        "403 | admission webhook \"a.example.com\" denied the request: not this | content",
        "409 | admission webhook \"a.example.com\" denied the request: not this | content",
        "403 | phx \"a\" is forbidden: exceeded quota: q, requested: c=1, used: c=5, limited: c=5"
            + " | cluster",
        "403 | User \"x\" cannot create resource \"preheatexecutions\" | cluster",
        "403 | unable to create new content in namespace n because it is being terminated | cluster",
        "409 | Operation cannot be fulfilled on resourcequotas \"q\" | none",
        "429 | admission webhook \"x\" denied the request: later | none",
        "404 | namespaces \"n\" not found | none",
        "500 | Internal error occurred: failed calling webhook | none",
        "503 | unavailable | none",
      })
  void an_answer_denies_or_not(int code, String message, String expected) {
    String found =
        Denial.of(
                new KubernetesClientException(
                    new StatusBuilder().withCode(code).withMessage(message).build()))
            .map(denial -> denial.ofContent() ? "content" : "cluster")
            .orElse("none");
    assertThat(found).isEqualTo(expected);
  }
}
