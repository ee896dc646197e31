package io.goharbor.preheat.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.Phase;
import io.goharbor.preheat.api.PreheatExecution;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionItemsTest {
  private static final String YAML =
      """
      metadata:
        name: run
        namespace: default
        uid: 5d0f7a3e-0000-4000-8000-000000000001
        resourceVersion: "17"
        generation: 1
        creationTimestamp: "2026-05-02T08:00:00Z"
        labels: {team: blue}
        annotations: {note: "größer als ASCII ✓"}
      spec:
        policyRef: {name: shop}
        trigger: Event
        artifacts: [{repository: shop/web, tag: "1", digest: "sha256:DIGEST"}]
      status:
        phase: PHASE
        startTime: "2026-05-02T08:00:01.250Z"
        completionTime: "2026-05-02T08:30:00Z"
        message: all is warm
        settings: {taskTimeout: 1h, backoffLimit: 3, priority: 0SETTINGS}
        tasks:
          - {id: a1, artifact: "shop/web:1", repository: shop/web, digest: "sha256:DIGEST",
             provider: default/kraken, state: Succeeded, attempts: 1, reason: Warm}
      """;

  private final ExecutionItems items = new ExecutionItems();

  @Test
  void a_finished_execution_is_packed_and_nothing_of_it_is_lost() {
    PreheatExecution before = execution("Succeeded", "");
    assertThat(items.put("default/run", execution("Succeeded", ""))).isNull();
    PreheatExecution after = Objects.requireNonNull(items.get("default/run"));
    assertThat(after).isInstanceOf(PackedExecution.class);
    assertThat(items.getKey(after)).isEqualTo("default/run").isEqualTo(items.getKey(before));
    assertThat(after.getKind()).isEqualTo(before.getKind());
    assertThat(after.getApiVersion()).isEqualTo(before.getApiVersion());
    assertThat(after.getMetadata()).isEqualTo(before.getMetadata());
    assertThat(after.getSpec()).isEqualTo(before.getSpec());
    assertThat(after.getStatus()).isEqualTo(before.getStatus());
    assertThat(((PackedExecution) after).bytes())
        .isLessThan(Serialization.asJson(before).length() / 3);
  }

  @Test
  void what_a_policy_asks_for_stands_beside_what_is_packed() {
    PreheatExecution before = execution("Succeeded", "");
    items.put("default/run", execution("Succeeded", ""));
    PreheatExecution packed = Objects.requireNonNull(items.get("default/run"));
    assertThat(packed).isInstanceOf(PackedExecution.class);
    assertThat(ExecutionSummary.of(packed))
        .isEqualTo(ExecutionSummary.of(before))
        .isSameAs(ExecutionSummary.of(packed));
    assertThat(ExecutionSummary.of(packed).phase()).isEqualTo(Phase.SUCCEEDED);
  }

  @Test
  void a_copy_is_an_execution_like_any_other_and_may_be_changed() {
    items.put("default/run", execution("Failed", ""));
    PackedExecution packed = (PackedExecution) Objects.requireNonNull(items.get("default/run"));
    PreheatExecution copy = packed.unpack();
    assertThat(copy.getClass()).isEqualTo(PreheatExecution.class);
    copy.getMetadata().setName("other");
    assertThat(packed.getMetadata().getName()).isEqualTo("run");
  }

  @Test
  void one_under_way_stays_as_it_is_and_none_keeps_who_set_which_field() {
    PreheatExecution running = execution("Running", "");
    running
        .getMetadata()
        .getManagedFields()
        .add(new ManagedFieldsEntryBuilder().withManager("kubectl").build());
    items.put("default/run", running);
    assertThat(items.get("default/run")).isSameAs(running);
    assertThat(running.getMetadata().getManagedFields()).isEmpty();
    PreheatExecution replaced = items.put("default/run", execution("Succeeded", ""));
    assertThat(replaced).isSameAs(running);
    assertThat(items.size()).isEqualTo(1);
    assertThat(items.keySet()).containsExactly("default/run");
    assertThat(items.values())
        .singleElement()
        .satisfies(
            known -> assertThat(known.getStatus().effectivePhase()).isEqualTo(Phase.SUCCEEDED));
    assertThat(items.remove("default/run")).isNotNull();
    assertThat(items.get("default/run")).isNull();
  }

  @Test
  void what_ended_is_looked_at_after_a_start_only_when_a_retry_is_asked_for() {
    ExecutionAdds adds = new ExecutionAdds();
    assertThat(adds.accept(execution("Running", ""))).isTrue();
    assertThat(adds.accept(execution("Succeeded", ", ttlAfterFinished: 1h"))).isFalse();
    PreheatExecution retried = execution("Failed", "");
    retried.getMetadata().getAnnotations().put(Retries.ANNOTATION, "1");
    assertThat(adds.accept(retried)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "never",
      value = {
        "Succeeded, '', never",
        "Succeeded, ', ttlAfterFinished: 1h', 2026-05-02T09:30:00Z",
        "Failed, ', ttlAfterFinished: 0s', 2026-05-02T08:30:00Z",
        "Running, ', ttlAfterFinished: 1h', never"
      })
  void packed_or_not_it_is_known_when_it_expires(
      String phase, String settings, @Nullable Instant expires) {
    items.put("default/run", execution(phase, settings));
    assertThat(ExpirySource.expires(execution(phase, settings))).isEqualTo(expires);
    assertThat(ExpirySource.expires(Objects.requireNonNull(items.get("default/run"))))
        .isEqualTo(expires);
  }

  private static PreheatExecution execution(String phase, String settings) {
    return Serialization.unmarshal(
        YAML.replace("DIGEST", "3f".repeat(32))
            .replace("PHASE", phase)
            .replace("SETTINGS", settings),
        PreheatExecution.class);
  }
}
