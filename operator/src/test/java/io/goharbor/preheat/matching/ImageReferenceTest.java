package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  @CsvSource({
    "h.io:5000/a/b, h.io:5000, a, b",
    "localhost/a/b, localhost, a, b",
    "[::1]:8443/a/b, [::1]:8443, a, b",
    "10.0.0.1/a.b/c__d/e--f, 10.0.0.1, a.b, c__d/e--f",
  })
  void hosts_and_names_are_told_apart(
      String text, String registry, String project, String repository) {
    assertThat(ImageReference.parse(text))
        .isEqualTo(new ImageReference(registry, project, repository, "latest", null));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "\"\", names no registry",
        "web, names no registry",
        "shop/web:1, 'shop' is not a host",
        "nohost/shop/web, 'nohost' is not a host",
        "https://h.io/a/b, 'https:' is not a host",
        "h.io, names no registry",
        "h.io/a, names no repository",
        "h.io/a:1, names no repository",
        "h.io/a/b@sha256:1, wrong digest",
        "h.io/a/b:1@, wrong digest",
        "h.io/a/b:, wrong tag ''",
        "h.io/a/b:-x, wrong tag '-x'",
        "h.io/a/b:1:2, wrong tag '1:2'",
        "h.io/a/B, wrong name 'a/B'",
        "h.io/a//b, wrong name 'a//b'",
        "h.io/a/b/, wrong name 'a/b/'",
        "h.io/a/b c, wrong name 'a/b c'",
      })
  void anything_else_is_refused_with_the_text_and_the_part(String text, String part) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining(part);
  }
}
