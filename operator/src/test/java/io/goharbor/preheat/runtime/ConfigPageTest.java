package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the documentation says what the table of the keys says. */
class ConfigPageTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");
  private static final Pattern TABLE =
      Pattern.compile("(?s)(<!-- keys -->\n).*(<!-- end of keys -->)");

  @TempDir private Path folder;

  @Test
  void the_page_tells_of_all_keys() throws IOException {
    String page = Files.readString(PAGE);
    Matcher table = TABLE.matcher(page);
    assertThat(table.find()).isTrue();
    String expected = page.substring(0, table.end(1)) + table() + page.substring(table.start(2));
    if (Boolean.getBoolean("config.update")) {
      Files.writeString(PAGE, expected);
      return;
    }
    assertThat(page)
        .as("docs/configuration.md; -Dconfig.update=true writes it")
        .isEqualTo(expected);
  }

  @Test
  void its_example_is_read() throws IOException {
    Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(PAGE));
    assertThat(example.find()).isTrue();
    Path file = Files.writeString(folder.resolve("config.yaml"), example.group(1));
    Map<String, String> environment =
        new HashMap<>(Map.of(Configuration.FILE_VARIABLE, file.toString()));
    assertThat(OperatorConfig.from(environment).sources()).containsKey(file.toString());
  }

  private static String table() {
    Map<String, StringBuilder> sections = new TreeMap<>();
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      String section = key.name().replaceFirst("\\..*", "");
      String otherwise = key.otherwise().isEmpty() ? "" : "`" + key.otherwise() + "`";
      sections
          .computeIfAbsent(section, name -> new StringBuilder())
          .append(
              "| `%s`<br>`%s` | %s | %s<br>*%s* |\n"
                  .formatted(
                      key.name(), key.variable(), otherwise, key.about(), key.type().expected()));
    }
    StringBuilder text =
        new StringBuilder("\n| Key, variable | Default | Meaning |\n|---|---|---|\n");
    sections.values().forEach(text::append);
    return text.append('\n').toString();
  }
}
