package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopiesTest {
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final Copies copies = new Copies(serialization);

  @ParameterizedTest
  @ValueSource(strings = {"HarborRegistry", "P2PProvider", "PreheatPolicy", "PreheatExecution"})
  void a_copy_is_the_same_in_all_and_its_metadata_are_its_own(String kind) {
    HasMetadata object =
        serialization.unmarshal(
            """
            apiVersion: preheat.goharbor.io/v1alpha1
            kind: %s
            metadata:
              name: one
              namespace: team
              resourceVersion: "7"
              labels: {a: b}
              finalizers: [one]
              ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}]
            spec: {}
            status: {}
            """
                .formatted(kind));
    HasMetadata copy = copies.clone(object);
    assertThat(copy).isNotSameAs(object).hasSameClassAs(object).isEqualTo(object);
    assertThat(serialization.asJson(copy)).isEqualTo(serialization.asJson(object));
    copy.getMetadata().getLabels().put("c", "d");
    copy.getMetadata().setFinalizers(List.of());
    copy.getMetadata().getOwnerReferences().getFirst().setName("other");
    assertThat(object.getMetadata().getLabels()).containsOnlyKeys("a");
    assertThat(object.getMetadata().getFinalizers()).containsExactly("one");
    assertThat(object.getMetadata().getOwnerReferences().getFirst().getName()).isEqualTo("p");
  }

  @Test
  void a_kind_of_others_is_copied_in_depth() {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("one")
            .endMetadata()
            .addToData("a", "b")
            .build();
    ConfigMap copy = copies.clone(map);
    copy.getData().put("c", "d");
    assertThat(map.getData()).containsOnlyKeys("a");
  }
}
