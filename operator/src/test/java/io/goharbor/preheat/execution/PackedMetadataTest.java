package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PackedMetadataTest {
  private final ObjectMeta all =
      Serialization.unmarshal(
          """
          name: run
          namespace: team
          resourceVersion: "7"
          uid: u
          generation: 2
          generateName: r-
          selfLink: /x
          creationTimestamp: "2026-01-01T00:00:00Z"
          deletionTimestamp: "2026-01-02T00:00:00Z"
          deletionGracePeriodSeconds: 3
          labels: {a: b}
          annotations: {c: d}
          finalizers: [one]
          ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: o}]
          managedFields: [{manager: m}]
          unknown: kept
          """,
          ObjectMeta.class);
  private final AtomicInteger unpacked = new AtomicInteger();
  private final PackedMetadata metadata =
      new PackedMetadata(
          new ObjectKey("team", "run"),
          "7",
          () -> {
            unpacked.incrementAndGet();
            return all;
          });

  @Test
  void what_an_index_asks_for_is_at_hand() {
    assertThat(metadata.getName()).isEqualTo("run");
    assertThat(metadata.getNamespace()).isEqualTo("team");
    assertThat(metadata.getResourceVersion()).isEqualTo("7");
    assertThat(unpacked).hasValue(0);
  }

  @Test
  void all_else_is_what_was_packed() {
    assertThat(Serialization.asJson(metadata)).isEqualTo(Serialization.asJson(all));
    assertThat(metadata).isEqualTo(all).hasSameHashCodeAs(all);
  }
}
