package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Label and field selectors as they are in a query. */
final class Selectors {
  private static final Pattern SET =
      Pattern.compile("\\s*([^\\s!=(),]+)\\s+(in|notin)\\s+\\(([^)]*)\\)\\s*");

  private Selectors() {}

  static Predicate<JsonNode> of(@Nullable String labels, @Nullable String fields) {
    Predicate<JsonNode> all = object -> true;
    if (labels != null && !labels.isBlank()) {
      for (String term : split(labels)) {
        all = all.and(label(term.strip()));
      }
    }
    if (fields != null && !fields.isBlank()) {
      for (String term : fields.split(",", -1)) {
        all = all.and(field(term.strip()));
      }
    }
    return all;
  }

  /** Splits at commas outside parentheses. */
  private static List<String> split(String text) {
    List<String> terms = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        terms.add(text.substring(start, i));
        start = i + 1;
      }
    }
    terms.add(text.substring(start));
    return terms;
  }

  private static Predicate<JsonNode> label(String term) {
    Matcher set = SET.matcher(term);
    if (set.matches()) {
      List<String> values =
          List.of(set.group(3).split(",", -1)).stream().map(String::strip).toList();
      boolean in = set.group(2).equals("in");
      String key = set.group(1);
      return object -> values.contains(value(object, key)) == in;
    }
    int not = term.indexOf("!=");
    if (not > 0) {
      String key = term.substring(0, not).strip();
      String value = term.substring(not + 2).strip();
      return object -> !value.equals(value(object, key));
    }
    int equals = term.indexOf('=');
    if (equals > 0) {
      String key = term.substring(0, equals).strip();
      String value = term.substring(equals + 1).replaceFirst("^=", "").strip();
      return object -> value.equals(value(object, key));
    }
    if (term.startsWith("!")) {
      return object -> value(object, term.substring(1)) == null;
    }
    return object -> value(object, term) != null;
  }

  private static @Nullable String value(JsonNode object, String label) {
    JsonNode value = object.path("metadata").path("labels").path(label);
    return value.isMissingNode() ? null : value.asText();
  }

  private static Predicate<JsonNode> field(String term) {
    int not = term.indexOf("!=");
    int equals = term.indexOf('=');
    int end = not > 0 ? not : equals;
    String pointer = "/" + term.substring(0, end).strip().replace('.', '/');
    String value = term.substring(not > 0 ? not + 2 : equals + 1).replaceFirst("^=", "").strip();
    return object -> object.at(pointer).asText("").equals(value) == (not <= 0);
  }
}
