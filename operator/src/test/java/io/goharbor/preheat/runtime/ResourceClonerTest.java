package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceClonerTest {
  private final KubernetesSerialization serialization = new KubernetesSerialization();
  private final ResourceCloner copies = new ResourceCloner(serialization);

  @ParameterizedTest
  @ValueSource(
      classes = {
        HarborRegistry.class,
        P2PProvider.class,
        PreheatPolicy.class,
        PreheatExecution.class
      })
  void a_copy_is_the_same_in_all_and_its_metadata_are_its_own(
      Class<? extends CustomResource<?, ?>> kind) {
    CustomResource<?, ?> object =
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
                .formatted(kind.getSimpleName()),
            kind);
    CustomResource<?, ?> copy = copies.clone(object);
    assertThat(copy).isNotSameAs(object).hasSameClassAs(object).isEqualTo(object);
    assertThat(serialization.asJson(copy)).isEqualTo(serialization.asJson(object));
    assertThat(copy.getSpec()).isNotNull().isSameAs(object.getSpec());
    assertThat(copy.getStatus()).isNotNull().isSameAs(object.getStatus());
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
