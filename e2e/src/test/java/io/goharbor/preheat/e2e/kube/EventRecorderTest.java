package io.goharbor.preheat.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.Redactor;
import io.goharbor.preheat.kube.EventRecorder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens again is one Event with a count, whichever process tells it. */
class EventRecorderTest {
  private static final Instant FIRST = Instant.parse("2026-11-30T10:00:00Z");

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final KubernetesClient client = kube.client();

  @AfterEach
  void close() {
    client.close();
    kube.close();
  }

  @Test
  void the_same_is_counted() {
    for (int i = 0; i < 3; i++) {
      // Another process each time.
      at(FIRST.plusSeconds(60L * i)).warning(registry(), Reason.UNREACHABLE, "refused");
    }
    assertThat(events())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getCount()).isEqualTo(3);
          assertThat(event.getFirstTimestamp()).isEqualTo("2026-11-30T10:00:00Z");
          assertThat(event.getLastTimestamp()).isEqualTo("2026-11-30T10:02:00Z");
          // Also in a process that numbers its objects otherwise.
          assertThat(event.getMetadata().getName()).isEqualTo("main.7efdc3ef");
        });
  }

  @Test
  void what_differs_is_told_apart() {
    at(FIRST).warning(registry(), Reason.UNREACHABLE, "refused");
    at(FIRST).warning(registry(), Reason.UNREACHABLE, "timed out");
    at(FIRST).warning(registry(), Reason.UNAUTHORIZED, "refused");
    assertThat(events()).hasSize(3).allMatch(event -> event.getCount() == 1);
  }

  private EventRecorder at(Instant now) {
    return new EventRecorder(client, InstantSource.fixed(now), new Redactor(() -> now));
  }

  private List<Event> events() {
    return client.v1().events().inNamespace("default").list().getItems();
  }

  private static HarborRegistry registry() {
    HarborRegistry registry = new HarborRegistry();
    registry.setMetadata(
        new ObjectMetaBuilder().withNamespace("default").withName("main").withUid("uid-1").build());
    return registry;
  }
}
