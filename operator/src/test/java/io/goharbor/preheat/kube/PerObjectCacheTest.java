package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.Test;

class PerObjectCacheTest {
  private final PerObjectCache<String> cache = new PerObjectCache<>();
  private final ConfigMap first = object("first");

  @Test
  void an_object_keeps_what_was_put_last() {
    cache.put(first, "one");
    cache.put(first, "two");
    assertThat(cache.find(first)).contains("two");
    assertThat(cache.get(first, () -> "three")).isEqualTo("two");
    cache.forget(ObjectKey.of(first));
    assertThat(cache.find(first)).isEmpty();
    assertThat(cache.get(first, () -> "three")).isEqualTo("three");
  }

  @Test
  void an_object_that_is_created_again_has_nothing_of_its_predecessors() {
    cache.put(first, "one");
    assertThat(cache.find(object("second"))).isEmpty();
    assertThat(cache.get(object("second"), () -> "two")).isEqualTo("two");
    assertThat(cache.find(first)).isEmpty();
  }

  private static ConfigMap object(String uid) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace("team")
        .withName("main")
        .withUid(uid)
        .endMetadata()
        .build();
  }
}
