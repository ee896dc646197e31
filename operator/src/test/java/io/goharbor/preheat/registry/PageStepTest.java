package io.goharbor.preheat.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.harbor.HarborClient.ArtifactPage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PageStepTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

  @Test
  void the_next_page_begins_in_the_second_of_the_last_push() {
    PageStep first = PageStep.first(NOON.plusMillis(700));
    assertThat(first).isEqualTo(new PageStep(NOON, 1));
    assertThat(first.after(page(true, NOON.plusMillis(61_500))))
        .isEqualTo(new PageStep(NOON.plusSeconds(61), 1));
    assertThat(PageStep.first(null).after(page(true, NOON))).isEqualTo(new PageStep(NOON, 1));
  }

  @Test
  void a_second_with_more_than_a_page_is_gone_through_by_number() {
    PageStep second = new PageStep(NOON, 1);
    assertThat(second.after(page(true, NOON.plusMillis(999)))).isEqualTo(new PageStep(NOON, 2));
    assertThat(new PageStep(NOON, 2).after(page(true, NOON.plusMillis(999))))
        .isEqualTo(new PageStep(NOON, 3));
    assertThat(new PageStep(NOON, 3).after(page(true, NOON.plusSeconds(5))))
        .isEqualTo(new PageStep(NOON.plusSeconds(5), 1));
  }

  @Test
  void without_a_time_it_goes_on_by_number_and_ends_with_the_last_page() {
    assertThat(PageStep.first(null).after(page(true, null))).isEqualTo(new PageStep(null, 2));
    assertThat(PageStep.first(NOON).after(new ArtifactPage(List.of(), true)))
        .isEqualTo(new PageStep(NOON, 2));
    assertThat(PageStep.first(NOON).after(page(false, NOON.plusSeconds(5)))).isNull();
  }

  private static ArtifactPage page(boolean more, @Nullable Instant lastPush) {
    return new ArtifactPage(List.of(Artifacts.pushed(NOON), Artifacts.pushed(lastPush)), more);
  }
}
