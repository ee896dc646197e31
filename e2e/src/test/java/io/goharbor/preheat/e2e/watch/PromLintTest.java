package io.goharbor.preheat.e2e.watch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromLintTest {
  @Test
  void a_clean_scrape_has_no_fault() {
    assertThat(
            PromLint.faults(
                Scrape.parse(
                    """
                    # HELP a_seconds How long
                    # TYPE a_seconds histogram
                    a_seconds_bucket{le="+Inf"} 1
                    a_seconds_count 1
                    a_seconds_sum 1.0
                    # HELP things_total How many
                    # TYPE things_total counter
                    things_total{code="200"} 1.0
                    """)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "a_things,counter,_total",
    "a_total,gauge,_total",
    "a_count,gauge,belongs to histograms and summaries",
    "a_gauge,gauge,holds the type",
    "a_ns_total,counter,abbreviated unit",
    "a_milliseconds,gauge,use seconds",
    "a:b,gauge,colons",
    "aThing,gauge,camel case",
  })
  void a_fault_is_named(String name, String type, String fault) {
    assertThat(
            PromLint.faults(
                Scrape.parse("# HELP %s Told\n# TYPE %s %s\n".formatted(name, name, type))))
        .singleElement()
        .asString()
        .contains(name, fault);
  }

  @Test
  void a_family_without_help_and_a_sample_without_a_family_are_faults() {
    assertThat(PromLint.faults(Scrape.parse("# TYPE a gauge\na{aLabel=\"1\"} 1.0\nb 1.0\n")))
        .containsExactly(
            "a: no help text", "a: label aLabel in camel case", "b: no family declares it");
  }
}
