package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  @Test
  void its_parts_are_read() {
    assertThat(ImageReference.parse("harbor.example.com:8443/shop/api/web:1.4.2@" + DIGEST))
        .isEqualTo(
            new ImageReference("harbor.example.com:8443", "shop", "api/web", "1.4.2", DIGEST));
  }

  @Test
  void without_tag_and_digest_it_is_latest() {
    assertThat(ImageReference.parse("h.io/a/b").tag()).isEqualTo("latest");
    assertThat(ImageReference.parse("h.io/a/b@" + DIGEST).tag()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "web", "shop/web:1", "nohost/shop/web", "h.io/a", "h.io/a/b@sha256:1"})
  void anything_else_is_refused_with_the_text(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
