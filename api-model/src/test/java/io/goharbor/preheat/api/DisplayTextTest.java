package io.goharbor.preheat.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DisplayTextTest {
  private static final Map<String, String> SHOWN =
      Map.ofEntries(
          Map.entry("plain text", "plain text"),
          Map.entry("Zürich 東京 😀", "Zürich 東京 😀"),
          Map.entry("red \u001b[31mred", "red \ufffd[31mred"),
          Map.entry("nul\0\0nul", "nul\ufffdnul"),
          Map.entry("a\u007fb\u009bc\u009fd", "a\ufffdb\ufffdc\ufffdd"),
          Map.entry("one\r\n\ttwo", "one two"),
          Map.entry("next\u0085line", "next line"),
          Map.entry("line\u2028par\u2029end", "line par end"),
          Map.entry("ab\u202egnp.exe", "ab\ufffdgnp.exe"),
          Map.entry("ad\u200bmin\ufeff", "ad\ufffdmin\ufffd"),
          Map.entry("lone \ud83d and \ude00", "lone \ufffd and \ufffd"),
          Map.entry("\ufffe\uffff", "\ufffd"),
          Map.entry("", ""));

  @Test
  void what_is_not_shown_is_replaced() {
    SHOWN.forEach((text, shown) -> assertThat(DisplayText.of(text)).isEqualTo(shown));
  }

  @Test
  void no_character_of_these_kinds_is_left_and_no_other_is_touched() {
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      String text = "a" + Character.toString(point) + "b";
      boolean hidden =
          switch (Character.getType(point)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.SURROGATE,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR ->
                true;
            default -> point == 0xFFFE || point == 0xFFFF;
          };
      if (hidden == DisplayText.of(text).equals(text)) {
        throw new AssertionError("U+" + Integer.toHexString(point));
      }
    }
  }

  @Test
  void it_is_shortened_between_code_points() {
    assertThat(DisplayText.of("12345", 5)).isEqualTo("12345");
    assertThat(DisplayText.of("123456", 5)).isEqualTo("1234…");
    assertThat(DisplayText.of("123😀😀", 5)).isEqualTo("123…");
    assertThat(DisplayText.of("123😀😀", 6)).isEqualTo("123😀…");
    assertThat(DisplayText.of("\n".repeat(100_000) + "x", 5)).hasSizeLessThanOrEqualTo(5);
  }
}
