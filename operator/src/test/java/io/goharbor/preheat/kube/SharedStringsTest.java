package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.api.PreheatExecution;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class SharedStringsTest {
  private final ObjectMapper mapper = new ObjectMapper().registerModule(SharedStrings.module());
  private final KubernetesSerialization json = new KubernetesSerialization(mapper, false);

  @Test
  void what_is_said_twice_is_kept_once() {
    PreheatExecution first = read("message-of-both");
    PreheatExecution second = read("message-of-both");
    assertThat(message(first)).isEqualTo("message-of-both").isSameAs(message(second));
    assertThat(digest(first))
        .isSameAs(Objects.requireNonNull(first.getStatus().tasks()).getFirst().digest());
  }

  @Test
  void texts_that_share_a_place_stay_what_they_are() {
    for (int i = 0; i < 100_000; i++) {
      String text = "text " + i % 50_000;
      assertThat(message(read(text))).isEqualTo(text);
    }
  }

  @Test
  void long_texts_are_no_texts_and_null_are_read_as_ever() {
    String text = "long ".repeat(1_000);
    assertThat(message(read(text))).isEqualTo(text).isNotSameAs(message(read(text)));
    ConfigMap map =
        json.unmarshal(
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":7,\"namespace\":null},"
                + "\"data\":{\"a\":\"\",\"b\":true}}",
            ConfigMap.class);
    assertThat(map.getMetadata().getName()).isEqualTo("7");
    assertThat(map.getMetadata().getNamespace()).isNull();
    assertThat(map.getData()).containsEntry("a", "").containsEntry("b", "true");
  }

  private PreheatExecution read(String message) {
    return json.unmarshal(
        """
        {"apiVersion":"preheat.goharbor.io/v1alpha1","kind":"PreheatExecution","metadata":{"name":"x"},
        "spec":{"artifacts":[{"repository":"shop/web","digest":"sha256:12"}]},
        "status":{"message":"%s","tasks":[{"id":"1","digest":"sha256:12"}]}}
        """
            .formatted(message),
        PreheatExecution.class);
  }

  private static String message(PreheatExecution execution) {
    return Objects.requireNonNull(execution.getStatus().message());
  }

  private static String digest(PreheatExecution execution) {
    return Objects.requireNonNull(
        Objects.requireNonNull(execution.getSpec().artifacts()).getFirst().digest());
  }
}
