package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SeniorityTest {
  private final ListedCache<HarborRegistry> cache = new ListedCache<>();
  private final ResourceStore<HarborRegistry> store = new ResourceStore<>();
  private final List<HarborRegistry> registries = new ArrayList<>();

  @BeforeEach
  void three() {
    store.connect(cache, Map.of(Seniority.BY_NAMESPACE, Seniority::namespace));
    registries.add(registry("team", "c", "2026-11-20T12:00:00Z"));
    registries.add(registry("team", "a", "2026-11-20T12:00:01Z"));
    registries.add(registry("team", "b", "2026-11-20T12:00:01Z"));
    registries.forEach(cache::put);
    cache.put(registry("other", "old", "2020-01-01T00:00:00Z"));
  }

  @Test
  void the_oldest_of_a_namespace_are_within_its_limit() {
    assertThat(registries).allMatch(registry -> Seniority.among(store, registry, 3));
    assertThat(registries.stream().map(registry -> Seniority.among(store, registry, 2)))
        .containsExactly(true, true, false);
    assertThat(registries.stream().map(registry -> Seniority.among(store, registry, 1)))
        .containsExactly(true, false, false);
  }

  @Test
  void what_goes_leaves_its_place_to_the_next() {
    cache.remove(registries.getFirst());
    assertThat(Seniority.among(store, registries.get(1), 1)).isTrue();
    registries.get(1).getMetadata().setDeletionTimestamp("2026-11-20T12:00:05Z");
    assertThat(Seniority.among(store, registries.get(2), 1)).isTrue();
  }

  private static HarborRegistry registry(String namespace, String name, String created) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(name)
            .withCreationTimestamp(created)
            .build());
    return registry;
  }
}
