package io.goharbor.preheat.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Harbor's matcher (doublestar v1.3.4) answers; the fact sheet of Harbor lists the rules. */
class DoublestarTest {
  @ParameterizedTest(name = "{0} ~ {1}: {2}")
  @CsvSource(
      delimiter = ' ',
      nullValues = "NULL",
      quoteCharacter = '"',
      value = {
        // plain text
        "web web true",
        "web webs false",
        "web we false",
        "a/b a/b true",
        "a/b a false",
        "a/ a false",
        "a//b a/b false",
        "a/b/c a/b//c false",
        // star
        "* \"\" true",
        "* abc true",
        "* / false",
        "/* / true",
        "/* /debug/ false",
        "/* // false",
        "*c abc true",
        "*/ a/ true",
        "a* a true",
        "a* abc true",
        "a* ab/c false",
        "a*/b abc/b true",
        "a*/b a/c/b false",
        "a*b a/b false",
        "*x xxx true",
        "a*b*c*d*e* axbxcxdxe true",
        "a*b*c*d*e*/f axbxcxdxe/f true",
        "a*b*c*d*e*/f axbxcxdxexxx/f true",
        "a*b*c*d*e*/f axbxcxdxe/xxx/f false",
        "a*b*c*d*e*/f axbxcxdxexxx/fff false",
        "a*b?c*x abxbbxdbxebxczzx true",
        "a*b?c*x abxbbxdbxebxczzy false",
        // question mark: one code point
        "a?b a☺b true",
        "a???b a☺b false",
        "a?b a/b false",
        "? \"\" false",
        "v?.0 v1.0 true",
        "v? v10 false",
        // classes
        "ab[c] abc true",
        "ab[b-d] abc true",
        "ab[e-g] abc false",
        "ab[^c] abc false",
        "ab[^b-d] abc false",
        "ab[^e-g] abc true",
        "[abc] b true",
        "a[^a]b a☺b true",
        "a[^a][^a][^a]b a☺b false",
        "[a-ζ]* α true",
        "*[a-ζ] A false",
        "[\\]a] ] true",
        "[\\-] - true",
        "[x\\-] x true",
        "[x\\-] - true",
        "[x\\-] z false",
        "[\\-x] x true",
        "[\\-x] - true",
        "[\\-x] a false",
        "[^] a true",
        "? 😀 true",
        "?? 😀 false",
        "[😀-😂] 😁 true",
        "[😀-😂] 😃 false",
        "x*y x😀y true",
        // escapes
        "a\\*b ab false",
        "a\\*b a*b true",
        "a/\\** a/b/c false",
        "\\{a\\} {a} true",
        // double star: only as a whole component
        "** a true",
        "** a/b/c true",
        "** \"\" true",
        "a/** a false",
        "a/** a/b true",
        "a/** a/b/c true",
        "abc/** abc/b true",
        "**/c c true",
        "**/c b/c true",
        "**/c a/b/c true",
        "**/c a/b false",
        "**/c abcd false",
        "**/c a/abc false",
        "**/abc abc true",
        "a/**/b a/b true",
        "a/**/c a/b/c true",
        "a/**/d a/b/c/d true",
        "a/**/d a/b/c/e false",
        "abc** abc/b false",
        "abc** abcd true",
        "foo** foo true",
        "**/*.txt abc/【test】.txt true",
        "**/【* abc/【test】.txt true",
        "b/**/f b/link/f true",
        "**/dev-* team/dev-x true",
        "**/dev-* dev-x true",
        "**/dev-* team/prod false",
        // alternatives
        "ab{c,d} abc true",
        "ab{c,d} abd true",
        "ab{c,d} abe false",
        "ab{c,d,*} abcde true",
        "a{,bc} a true",
        "a{,bc} abc true",
        "a{,bc} ab false",
        "{v1,v2} v2 true",
        "v1,v2 v2 false",
        "v1,v2 v1,v2 true",
        "a/{b/c,c/b} a/b/c true",
        "a/{b/c,c/b} a/c/b true",
        "{a/{b,c},abc} a/b true",
        "{a/{b,c},abc} a/c true",
        "{a/{b,c},abc} abc true",
        "{a/{b,c},abc} a/b/c false",
        "{a/ab*} a/abc true",
        "{a/*} a/b true",
        "{a/abc} a/abc true",
        "{a/b,a/c} a/c true",
        "x{a,b}y xay true",
        "x{a,b}y xcy false",
        // inside braces a double star is special only behind a slash
        "{a,b/**} b/c/d true",
        "{a,b/**} a true",
        "{**,x} b/c false",
        "{**,x} b true",
        "{**/a,b} x/a true",
        "{**/a,b} x/y/a false",
        // a brace can match nothing only where a path component ends, and a star there takes all
        "a{b,} a true",
        "a{{,b},c} a true",
        "a{b,}{c,} a true",
        "a{b,}c a false",
        "*{,b} a false",
        "*{,b} ab true",
        // where a path component ends before a brace with a slash, Harbor fails
        "a{b,c/d} ab true",
        "a{b,c/d} ac/d true",
        "a{b,c/d} a false",
        "api{,/**} api false",
        "api{,/**} api/web false",
        "{api,api/**} api false",
        "{api,api/**} api/web true",
        "{web,/api} web true",
        // a star keeps to the first place that leads to the component's end
        "*{b/x,*b/y} ab/x false",
        "*{b/x,*b/y} ab/y true",
        "{*b,**b}/x ab/x true",
        // a star pair that alternatives put together is special behind a slash
        "{a/*,b}*/c a/c true",
        "{a/*,b}*/c a/x/y/c true",
        "{a/**,b}/c a/x/c true",
        "{a/**,b}c a/xc true",
        "{a/**,b}c a/x/c false",
        "**/**/c c true",
        "**/**/c a/b/c true",
        "**/** a/b true",
        "a/**/** a/b true",
        "a**/c a/c true",
        "a**/c ab/c true",
        "a**/c a/b/c false",
        // braces within braces, and what is escaped there
        "{a,{b,{c,d}e}f}g bfg true",
        "{a,{b,{c,d}e}f}g defg true",
        "{a,{b,{c,d}e}f}g dg false",
        "{\\,,\\}}x ,x true",
        "{\\,,\\}}x }x true",
        "[{]a} {a} true",
        "{[{]},b} {} true",
        // empty path components
        "{a/,b}/c a//c true",
        "a/*/c a//c true",
        "a/**/c a//c true",
        "a/{,b}/c a//c true",
        // an empty pattern matches everything in Harbor's selectors
        "\"\" anything/at/all true",
      })
  void matches_as_harbor_does(String pattern, String path, boolean matches) {
    assertThat(Doublestar.compile(pattern).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest(name = "{0} fails at {1}")
  @CsvSource(
      delimiter = ' ',
      value = {
        "[ 0",
        "a[ 1",
        "[^ 0",
        "[^bc 0",
        "[]a] 0",
        "[-] 1",
        "[x-] 2",
        "[-x] 1",
        "[a-b-c] 4",
        "\\ 0",
        "ab\\ 2",
        "{a,b 0",
        "a/{b,{c} 2",
        "ab{c,d}[ 7",
        "{a,[} 3",
        "**/[ 3",
      })
  void a_malformed_pattern_names_the_position(String pattern, int position) {
    assertThatThrownBy(() -> Doublestar.compile(pattern))
        .isInstanceOfSatisfying(
            PatternException.class, e -> assertThat(e.position()).isEqualTo(position))
        .hasMessageContaining("'" + pattern + "'")
        .hasMessageContaining("position " + position);
  }

  @Test
  void a_pattern_beyond_the_limits_is_told_what_to_do() {
    String stars = "*a".repeat(33);
    assertThatThrownBy(() -> Doublestar.compile(stars))
        .isInstanceOfSatisfying(PatternException.class, e -> assertThat(e.isTooMuch()).isTrue())
        .hasMessage(
            "pattern '"
                + stars
                + "': it has more than 32 '*', the first one too many at position 64; split it into"
                + " several patterns");
    assertThatThrownBy(() -> Doublestar.compile("{a,b}".repeat(33)))
        .hasMessageContaining("it has more than 64 '{' and ','");
    assertThatThrownBy(() -> Doublestar.compile("😀".repeat(256) + "ab"))
        .hasMessage(
            "pattern '"
                + "😀".repeat(256)
                + "...': it is longer than 256 characters, the first one too many at position 512;"
                + " split it into several patterns");
    Doublestar.compile("*a".repeat(32));
    Doublestar.compile("{a,b}".repeat(32));
    Doublestar.compile("😀".repeat(256));
  }

  @Test
  void no_pattern_takes_exponential_time() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          assertThat(Doublestar.compile("*a".repeat(30) + "*b").matches("a".repeat(200))).isFalse();
          assertThat(Doublestar.compile("**/a/".repeat(15) + "b").matches("a/".repeat(100) + "c"))
              .isFalse();
          assertThat(Doublestar.compile("{a,aa}".repeat(20)).matches("a".repeat(60))).isFalse();
          assertThat(Doublestar.compile("{,}".repeat(32) + "a/x").matches("a/y")).isFalse();
          assertThat(Doublestar.compile("{a*,*a}".repeat(15) + "/x").matches("a".repeat(60) + "/y"))
              .isFalse();
          assertThat(Doublestar.compile("{a/,a/}".repeat(30) + "b").matches("a/".repeat(30) + "c"))
              .isFalse();
        });
  }
}
