package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.kube.ObjectKey;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class LastEventsTest {
  private static final ObjectKey MAIN = new ObjectKey("team", "main");

  private final Map<ObjectKey, HarborRegistry> objects = new ConcurrentHashMap<>();
  private final LastEvents events = new LastEvents(key -> Optional.ofNullable(objects.get(key)));

  @Test
  void a_registry_that_is_created_again_does_not_show_its_predecessors_event() {
    HarborRegistry first = made("first");
    events.heard(MAIN, Instant.parse("2026-05-02T08:11:03Z"));
    assertThat(events.last(first)).contains(Instant.parse("2026-05-02T08:11:00Z"));

    HarborRegistry second = made("second");
    assertThat(events.last(second)).isEmpty();
    events.heard(MAIN, Instant.parse("2026-05-02T08:11:07Z"));
    assertThat(events.last(second)).contains(Instant.parse("2026-05-02T08:11:00Z"));
  }

  private HarborRegistry made(String uid) {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder().withNamespace("team").withName("main").withUid(uid).build());
    objects.put(MAIN, registry);
    return registry;
  }
}
