package io.goharbor.preheat.importer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.http.RemoteSystem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints a translation as YAML, each note as a comment above the field that it is about. */
final class YamlText {
  private static final int WIDTH = 100;

  private final StringBuilder out = new StringBuilder();
  private Map<String, List<String>> above = Map.of();
  private Map<String, List<String>> atEnd = Map.of();

  private YamlText() {}

  /**
   * Prints.
   *
   * @param namespace null: none is written
   */
  static String of(Translation translation, @Nullable String namespace) {
    YamlText text = new YamlText();
    translation.head().forEach(line -> text.comment("", line));
    for (Imported object : translation.objects()) {
      switch (object) {
        case Imported.Translated translated -> text.object(translated, namespace);
        case Imported.LeftOut left -> {
          text.out.append("---\n");
          text.comment("", "Not imported: " + left.what() + ", because " + left.why() + ".");
        }
      }
    }
    return text.out.toString();
  }

  private void object(Imported.Translated object, @Nullable String namespace) {
    ObjectNode root = RemoteSystem.JSON.createObjectNode();
    root.put("apiVersion", ApiGroup.NAME + "/" + ApiGroup.VERSION).put("kind", object.kind());
    ObjectNode metadata = root.putObject("metadata").put("name", object.name());
    if (namespace != null) {
      metadata.put("namespace", namespace);
    }
    root.set("spec", RemoteSystem.JSON.valueToTree(object.spec()));
    place(root, object.notes());
    out.append("---\n");
    above.getOrDefault("", List.of()).forEach(note -> comment("", note));
    mapping(root, "", "");
  }

  /** Sorts notes by where they go; a field that is not set has its notes at its parent's end. */
  private void place(ObjectNode root, List<Note> notes) {
    above = new LinkedHashMap<>();
    atEnd = new LinkedHashMap<>();
    for (Note note : notes) {
      String at = note.path();
      boolean set = isSet(root, at);
      while (!isSet(root, at)) {
        at = at.substring(0, Math.max(at.lastIndexOf('.'), 0));
      }
      (set ? above : atEnd).computeIfAbsent(at, ignored -> new ArrayList<>()).add(note.text());
    }
  }

  private static boolean isSet(JsonNode root, String path) {
    JsonNode found = root.at("/" + path.replace('.', '/'));
    return path.isEmpty() || !(found.isMissingNode() || found.isNull());
  }

  private void mapping(JsonNode object, String path, String indent) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      JsonNode value = field.getValue();
      if (value.isNull()) {
        continue;
      }
      String child = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
      above.getOrDefault(child, List.of()).forEach(note -> comment(indent, note));
      out.append(indent).append(field.getKey()).append(':');
      if (value.isObject()) {
        out.append('\n');
        mapping(value, child, indent + "  ");
      } else if (value.isArray()) {
        list(value, indent);
      } else {
        out.append(' ').append(YamlScalar.of(value)).append('\n');
      }
    }
    if (!path.isEmpty()) {
      atEnd.getOrDefault(path, List.of()).forEach(note -> comment(indent, note));
    }
  }

  private void list(JsonNode list, String indent) {
    List<String> items = new ArrayList<>();
    for (JsonNode item : list) {
      if (item.isObject()) {
        List<String> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : item.properties()) {
          if (!field.getValue().isNull()) {
            fields.add(field.getKey() + ": " + YamlScalar.of(field.getValue()));
          }
        }
        items.add(String.join("\n" + indent + "    ", fields));
      } else {
        items.add(YamlScalar.of(item));
      }
    }
    String flow = "[" + String.join(", ", items) + "]";
    if (indent.length() + flow.length() <= WIDTH && !list.path(0).isObject()) {
      out.append(' ').append(flow).append('\n');
      return;
    }
    out.append('\n');
    items.forEach(item -> out.append(indent).append("  - ").append(item).append('\n'));
  }

  /** A comment, wrapped; names and texts of Harbor's in it cannot break out of their line. */
  private void comment(String indent, String text) {
    for (String line : text.split("\n", -1)) {
      String safe = line.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", " ");
      if (safe.startsWith(" ")) {
        out.append(indent).append('#').append(safe).append('\n');
      } else {
        wrap(indent + "# ", safe);
      }
    }
  }

  private void wrap(String prefix, String text) {
    StringBuilder line = new StringBuilder(prefix);
    for (String word : text.strip().split(" +", -1)) {
      if (line.length() > prefix.length() && line.length() + word.length() > WIDTH) {
        out.append(line.toString().stripTrailing()).append('\n');
        line = new StringBuilder(prefix);
      }
      line.append(word).append(' ');
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }
}
