package io.goharbor.preheat.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.DisplayText;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.List;

/** Values and objects as JSON or YAML, laid out as kubectl does. */
final class Documents {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Documents() {}

  /** Prints one. */
  static void print(PrintWriter out, OutputFormat format, Object value) {
    out.print(text(format, value));
    out.flush();
  }

  /** Objects as a list of them. */
  static Object list(List<? extends HasMetadata> objects) {
    ObjectNode list = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
    list.putArray("items").addAll(objects.stream().map(Documents::tree).toList());
    return list;
  }

  static String text(OutputFormat format, Object value) {
    JsonNode tree = tree(value);
    if (format == OutputFormat.YAML) {
      return Serialization.asYaml(tree).replaceFirst("^---\n", "");
    }
    DefaultPrettyPrinter layout =
        new DefaultPrettyPrinter()
            .withArrayIndenter(new DefaultIndenter("    ", "\n"))
            .withObjectIndenter(new DefaultIndenter("    ", "\n"))
            .withSeparators(
                DefaultPrettyPrinter.DEFAULT_SEPARATORS
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEmptySeparator("")
                    .withArrayEmptySeparator(""));
    try {
      return escaped(JSON.writer(layout).writeValueAsString(tree)) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  /** The same JSON, in which what a terminal would obey is escaped. */
  private static String escaped(String json) {
    StringBuilder text = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '\n' || DisplayText.isShown(c)) {
        text.append(c);
      } else {
        text.append("\\u").append(HexFormat.of().toHexDigits(c));
      }
    }
    return text.toString();
  }

  private static JsonNode tree(Object value) {
    if (value instanceof JsonNode already) {
      return already;
    }
    try {
      JsonNode tree = JSON.readTree(Serialization.asJson(value));
      if (tree.path("metadata") instanceof ObjectNode metadata) {
        metadata.remove("managedFields");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("written JSON that cannot be read", e);
    }
  }
}
