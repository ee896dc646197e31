package io.goharbor.preheat.runtime;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLAnchorReplayingFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads a configuration file as texts, such as variables hold. */
final class ConfigFile {
  /**
   * A text.
   *
   * @param place where it is written, to begin a sentence about it
   */
  record Written(String text, String place) {}

  private static final Map<String, ConfigKey> KEYS =
      ConfigKey.ALL.stream().collect(Collectors.toMap(ConfigKey::name, key -> key));

  private final Path path;
  private final List<String> problems;
  private final Map<String, Written> values = new HashMap<>();

  /**
   * A file.
   *
   * @param problems where what is wrong is added, a sentence each
   */
  ConfigFile(Path path, List<String> problems) {
    this.path = path;
    this.problems = problems;
  }

  /** Texts by the name of their key. */
  Map<String, Written> read() {
    int before = problems.size();
    // This factory replaces aliases by what they stand for.
    try (JsonParser yaml =
        new YAMLAnchorReplayingFactory().createParser(Files.newBufferedReader(path))) {
      yaml.nextToken();
      section(yaml, "");
      if (yaml.nextToken() != null) {
        problems.add(before, place(yaml) + "only one YAML document is read; join them");
      }
    } catch (NoSuchFileException e) {
      problems.add(path + ": there is no such file; mount it, or unset PREHEAT_CONFIG_FILE");
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      // Lines with excerpts of the file are indented.
      String why =
          e.getOriginalMessage()
              .lines()
              .filter(text -> !text.startsWith(" "))
              .collect(Collectors.joining(": "));
      problems.add(path + line + ": not YAML: " + why);
    } catch (IOException e) {
      problems.add(path + ": cannot be read: " + e.getMessage());
    }
    return values;
  }

  /**
   * Reads what stands at the current token.
   *
   * @param prefix name of the section with a dot; empty: the file
   */
  private void section(JsonParser yaml, String prefix) throws IOException {
    if (yaml.currentToken() == null || yaml.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (!yaml.isExpectedStartObjectToken()) {
      String what = prefix.isEmpty() ? "the file" : prefix.replaceFirst(".$", "");
      String keys = String.join(", ", inside(prefix));
      problems.add(place(yaml) + what + ": must hold keys (" + keys + ")");
      yaml.skipChildren();
      return;
    }
    Set<String> seen = new HashSet<>();
    while (yaml.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + yaml.currentName().strip();
      String place = place(yaml) + name;
      ConfigKey key = KEYS.get(name);
      yaml.nextToken();
      if (!seen.add(name) || values.containsKey(name)) {
        problems.add(place + ": is there twice; remove one");
      } else if (key != null) {
        value(yaml, key, place);
      } else if (!inside(name + ".").isEmpty()) {
        section(yaml, name + ".");
      } else {
        problems.add(place + ": unknown key; " + meant(name));
      }
      yaml.skipChildren();
    }
  }

  private void value(JsonParser yaml, ConfigKey key, String place) throws IOException {
    String expected = key.setting().type().expected(key.setting());
    String shape =
        switch (yaml.currentToken()) {
          case START_ARRAY -> "a list";
          case START_OBJECT -> "a mapping";
          default -> "";
        };
    // Only types of lists and mappings are called so.
    if (!expected.startsWith(shape)) {
      problems.add(place + ": must be " + expected + ", not " + shape);
    } else if (yaml.currentToken() != JsonToken.VALUE_NULL) {
      String text = shape.isEmpty() ? yaml.getText() : items(yaml);
      if (!text.isBlank()) {
        values.put(key.name(), new Written(text.strip(), place));
      }
    }
  }

  /** Items as a variable has them; a nested one becomes its bracket, which no type takes. */
  private static String items(JsonParser yaml) throws IOException {
    List<String> items = new ArrayList<>();
    while (!yaml.nextToken().isStructEnd()) {
      if (yaml.currentToken() != JsonToken.FIELD_NAME) {
        String name = yaml.currentName();
        items.add((name == null ? "" : name + "=") + yaml.getText());
        yaml.skipChildren();
      }
    }
    return String.join(",", items);
  }

  /** What may stand at the next level of a section; nothing where there is no such section. */
  private static Set<String> inside(String prefix) {
    return KEYS.keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()).replaceFirst("\\..*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A key in the wrong section is found by its last part. */
  private static String meant(String name) {
    String prefix = name.substring(0, name.lastIndexOf('.') + 1);
    String last = name.substring(prefix.length());
    List<String> elsewhere =
        KEYS.keySet().stream().filter(key -> key.endsWith("." + last)).toList();
    if (elsewhere.size() == 1) {
      return "did you mean " + elsewhere.getFirst() + "?";
    }
    Set<String> names = new TreeSet<>(KEYS.keySet());
    inside(prefix).forEach(section -> names.add(prefix + section));
    return DidYouMean.among(names, name, "known are " + String.join(", ", inside(prefix)));
  }

  private String place(JsonParser yaml) {
    return path + ":" + yaml.currentTokenLocation().getLineNr() + ": ";
  }
}
