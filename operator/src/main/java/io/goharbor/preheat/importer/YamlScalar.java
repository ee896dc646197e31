package io.goharbor.preheat.importer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Scalars of YAML: plain where no reader, of YAML 1.1 or 1.2, takes them for something else than
 * text, and else in double quotes.
 */
final class YamlScalar {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z](?:[A-Za-z0-9._/-]|:(?=[^ ]))*");
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");
  private static final Set<String> WORDS =
      Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

  private YamlScalar() {}

  static String of(JsonNode value) {
    if (!value.isTextual()) {
      return value.asText();
    }
    String text = value.asText();
    return PLAIN.matcher(text).matches() && !WORDS.contains(text.toLowerCase(java.util.Locale.ROOT))
        ? text
        : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            out.append('\\').appendCodePoint(c);
          } else if (!UNPRINTABLE.matcher(Character.toString(c)).matches()) {
            out.appendCodePoint(c);
          } else if (c <= 0xffff) {
            out.append(String.format("\\u%04x", c));
          } else {
            out.append(String.format("\\U%08x", c));
          }
        });
    return out.append('"').toString();
  }
}
