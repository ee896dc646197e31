package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.provider.dragonfly.JobReader.Window;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JobReaderWindowTest {
  @Test
  void a_window_of_neighbouring_rows_fits_a_page_that_the_manager_allows() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      long first = random.nextInt(20_000);
      long last = first + random.nextInt(25);
      Window window = Window.around(first, last, i);
      long from = (long) (window.page() - 1) * window.size();

      assertThat(window.size()).isBetween(1, DragonflyManager.PAGE);
      assertThat(from).as("%d..%d in %s", first, last, window).isLessThanOrEqualTo(first);
      assertThat(from + window.size()).as("%d..%d in %s", first, last, window).isGreaterThan(last);
    }
  }

  @Test
  void the_same_rows_are_asked_for_in_several_forms() {
    Set<Window> windows = new HashSet<>();
    for (int turn = 0; turn < 20; turn++) {
      windows.add(Window.around(1000, 1012, turn));
    }

    assertThat(windows).hasSizeGreaterThan(5);
  }
}
