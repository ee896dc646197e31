package io.goharbor.preheat.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.e2e.watch.PromQuery.Matching;
import io.goharbor.preheat.e2e.watch.PromQuery.Selector;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromQueryTest {
  @Test
  void metrics_matchers_and_groupings_are_found() {
    PromQuery query =
        PromQuery.read(
            "histogram_quantile(0.9, sum by (job, le) (rate(a_bucket{x=~\"b|c\",y!=\"\"}[30m])))"
                + " / on (pod) group_left (z) sum(d) without (q) > 1e3 unless e offset 5m == 0");
    assertThat(query.selectors())
        .containsExactly(
            new Selector(
                "a_bucket", List.of(new Matching("x", "=~", "b|c"), new Matching("y", "!=", ""))),
            new Selector("d", List.of()),
            new Selector("e", List.of()));
    assertThat(query.groupings()).containsExactlyInAnyOrder("job", "le", "pod", "z", "q");
    assertThat(query.selectors().getFirst().matchings().getFirst().values())
        .containsExactly("b", "c");
  }

  @Test
  void variables_of_a_dashboard_are_no_metrics() {
    PromQuery query = PromQuery.read("sum(rate(a{namespace=~\"$namespace\"}[$__rate_interval]))");
    assertThat(query.selectors()).extracting(Selector::metric).containsExactly("a");
    assertThat(query.selectors().getFirst().matchings().getFirst().values()).isEmpty();
  }

  @Test
  void what_is_not_understood_is_an_error() {
    assertThatThrownBy(() -> PromQuery.read("a @ 5")).hasMessageContaining("not understood");
  }
}
