package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SecretCheckTest {
  private final SecretCheck check = new SecretCheck("shop", "dragonfly", "token");

  @Test
  void the_place_is_told_and_the_value_is_not() {
    for (String[] row :
        new String[][] {
          {"line\nbreak", "U+000A at position 5"},
          {"nul\0", "U+0000 at position 4"},
          {"Schlüssel", "U+00FC at position 5"},
          {"😀", "U+1F600 at position 1"},
          {"a😀\u0085", "U+1F600 at position 2"},
          {"del\u007f", "U+007F at position 4"}
        }) {
      assertThat(refused(() -> check.header(row[0])).describe())
          .isEqualTo(
              "key token of Secret dragonfly in namespace shop holds "
                  + row[1]
                  + ", which an HTTP header cannot carry");
    }
  }

  @Test
  void what_a_header_carries_passes() {
    assertThatCode(() -> check.header("Bearer ~!\tx")).doesNotThrowAnyException();
  }

  @Test
  void basic_credentials_may_hold_any_letters_but_no_control_characters() {
    assertThatCode(() -> check.user("jürgen")).doesNotThrowAnyException();
    assertThatCode(() -> check.password("pä:ss wörd 東")).doesNotThrowAnyException();
    assertThat(refused(() -> check.user("a:b")).describe()).contains("U+003A at position 2");
    assertThat(refused(() -> check.password("a\r")).describe()).contains("U+000D at position 2");
  }

  private static SecretMissingException refused(ThrowingCallable what) {
    SecretMissingException refusal = catchThrowableOfType(SecretMissingException.class, what);
    assertThat(refusal.reason()).isEqualTo(Reason.SECRET_UNUSABLE);
    return refusal;
  }
}
