package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.goharbor.preheat.api.Reason;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The conditions of one resource. */
class ConditionsTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @Test
  void each_type_is_there_once_as_it_was_set_last() {
    List<Condition> list =
        new Conditions(null, 1L, NOON)
            .set("Reachable", true, Reason.READY, "it answers")
            .set("Ready", true, Reason.READY, "it can be used")
            .set("Reachable", false, Reason.UNREACHABLE, "it does not answer")
            .list();

    assertThat(list).extracting(Condition::getType).containsExactly("Reachable", "Ready");
    assertThat(list.getFirst().getStatus()).isEqualTo("False");
    assertThat(list.getFirst().getMessage()).isEqualTo("it does not answer");
  }

  @Test
  void what_is_set_twice_is_compared_with_what_stood_before_both() {
    List<Condition> before =
        new Conditions(null, 1L, NOON).set("Ready", true, Reason.READY, "fine").list();

    List<Condition> after =
        new Conditions(before, 1L, NOON.plusSeconds(60))
            .set("Ready", false, Reason.UNREACHABLE, "gone")
            .set("Ready", true, Reason.READY, "fine")
            .list();

    assertThat(after).isEqualTo(before);
  }

  @Test
  void what_is_not_known_leaves_what_was_known_of_the_same_generation() {
    List<Condition> before =
        new Conditions(null, 1L, NOON).set("Ready", true, Reason.READY, "fine").list();

    assertThat(
            new Conditions(before, 1L, NOON.plusSeconds(60))
                .set("Ready", null, Reason.PROGRESSING, "")
                .list())
        .isEqualTo(before);
    assertThat(
            new Conditions(before, 2L, NOON.plusSeconds(60))
                .set("Ready", null, Reason.PROGRESSING, "")
                .list())
        .extracting(Condition::getStatus)
        .containsExactly("Unknown");
  }
}
