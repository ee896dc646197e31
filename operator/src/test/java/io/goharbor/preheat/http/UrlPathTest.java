package io.goharbor.preheat.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.goharbor.preheat.api.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlPathTest {
  @Test
  void names_are_segments_or_one_segment_as_the_system_wants() {
    assertThat(UrlPath.of("v2").andParts("shop/api/web").and("blobs", "sha256:0f"))
        .hasToString("v2/shop/api/web/blobs/sha256:0f");
    assertThat(UrlPath.of("namespace").andName("shop/api").and("blobs"))
        .hasToString("namespace/shop%2Fapi/blobs");
    assertThat(UrlPath.of("projects").andNameEncodedTwice("api/web"))
        .hasToString("projects/api%252Fweb");
    assertThat(UrlPath.of("projects").andNameEncodedTwice("web")).hasToString("projects/web");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", ".a", "a.", "..a", "sha256+b64:A_-=", "v2.0", "~x"})
  void what_needs_no_encoding_is_a_segment(String text) {
    assertThat(UrlPath.isSegment(text)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("io.goharbor.preheat.http.HostileTexts#all")
  void a_path_stays_what_it_is(String text) {
    UrlPath above = UrlPath.of("v2");
    assertThat(UrlPath.isSegment(text)).isFalse();
    for (String name : new String[] {text, "a/" + text, text + "/a"}) {
      refusedOrBelow(() -> above.and(name));
      refusedOrBelow(() -> above.andParts(name));
      refusedOrBelow(() -> above.andName(name));
      refusedOrBelow(() -> above.andNameEncodedTwice(name));
    }
  }

  private static void refusedOrBelow(java.util.function.Supplier<UrlPath> path) {
    try {
      assertThat(path.get().toString())
          .startsWith("v2/")
          .satisfies(built -> assertThat(HostileTexts.isPlain("/" + built)).isTrue());
    } catch (InvalidSpecException e) {
      assertThat(e.describe()).hasSizeLessThan(300).matches("[ -~]*");
    }
  }

  @Test
  void what_is_refused_is_shown_short_and_printable() {
    assertThatThrownBy(() -> UrlPath.of("a\r\n" + "b".repeat(1000)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("'a??bbb")
        .hasMessageContaining("cannot be part of a URL");
  }
}
