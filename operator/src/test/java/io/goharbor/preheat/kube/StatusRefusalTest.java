package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers of the API server are about what a status holds; the texts are those of 1.36. */
class StatusRefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | the body cannot be read | true",
        "413 | Request entity too large: limit is 3145728 | true",
        "422 | X is invalid: status.conditions[1]: Duplicate value: {} | true",
        "500 | failed to create typed patch object (a/b; c/v1, Kind=D): .status.x: field not"
            + " declared in schema | true",
        "500 | failed to create typed patch object (a/b; c/v1, Kind=D): .status.conditions:"
            + " duplicate entries for key [type=\"Ready\"] | true",
        "500 | etcdserver: request timed out | false",
        "503 | the server is currently unable to handle the request | false",
        "403 | forbidden | false",
        "409 | the object has been modified | false"
      })
  void an_answer_is_about_the_status_or_about_the_server(
      int code, String message, boolean refuses) {
    assertThat(
            StatusPatches.refuses(
                new KubernetesClientException(
                    new StatusBuilder().withCode(code).withMessage(message).build())))
        .isEqualTo(refuses);
  }
}
