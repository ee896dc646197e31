package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void names_are_dns_labels() {
    assertThat(Names.of(List.of("shop/Nightly_Prod", "library/web.all", "a/0")))
        .containsEntry("shop/Nightly_Prod", "shop-nightly-prod")
        .containsEntry("library/web.all", "library-web-all")
        .containsEntry("a/0", "a-0");
  }

  @Test
  void those_that_fall_together_get_a_hash_each_whatever_their_order() {
    Map<String, String> names = Names.of(List.of("shop/a_b", "shop/a.b", "shop/c"));
    assertThat(names.get("shop/a_b")).matches("shop-a-b-[0-9a-f]{6}");
    assertThat(names.get("shop/a.b")).matches("shop-a-b-[0-9a-f]{6}");
    assertThat(names).containsEntry("shop/c", "shop-c");
    assertThat(names.values()).doesNotHaveDuplicates();
    assertThat(Names.of(List.of("shop/c", "shop/a.b", "shop/a_b"))).isEqualTo(names);
  }

  @Test
  void long_names_are_cut_and_stay_apart() {
    String stem = "project/" + "x".repeat(200);
    Map<String, String> names = Names.of(List.of(stem + "1", stem + "2"));
    assertThat(names.values()).allMatch(name -> name.matches("[a-z0-9][a-z0-9-]{0,50}[a-z0-9]"));
    assertThat(names.values()).doesNotHaveDuplicates();
  }
}
