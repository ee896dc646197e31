package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.PreheatExecution;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which times of events are believed. */
class EventTimeTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2026-11-20T12:00:00Z, true",
    "2026-11-20T11:00:00Z, true",
    "2026-11-13T12:00:00Z, true",
    "2026-11-20T12:05:00Z, true",
    "2026-11-13T11:59:59Z, false",
    "2026-11-20T12:05:01Z, false",
    "1970-01-01T00:00:00Z, false",
    "1969-12-31T23:59:59Z, false",
    "5138-11-16T09:46:39Z, false",
  })
  void a_time_is_believed_near_that_of_its_execution(Instant time, boolean believed) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder().withName("run").withCreationTimestamp(NOON.toString()).build());
    EventTime.put(execution, time);

    assertThat(EventTime.of(execution).isPresent()).isEqualTo(believed);
    assertThat(EventTime.believable(time, NOON)).isEqualTo(believed ? time : null);
  }

  @Test
  void no_time_is_none() {
    assertThat(EventTime.believable(null, NOON)).isNull();
  }
}
