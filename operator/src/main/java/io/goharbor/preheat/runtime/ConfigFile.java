package io.goharbor.preheat.runtime;

import io.goharbor.preheat.runtime.ConfigValue.Entries;
import io.goharbor.preheat.runtime.ConfigValue.Items;
import io.goharbor.preheat.runtime.ConfigValue.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads the values of a configuration file, with the places where they stand. */
final class ConfigFile {
  /**
   * A value.
   *
   * @param place file and line
   */
  record Written(ConfigValue value, String place) {}

  private final String path;
  private final Map<String, ConfigKey<?>> keys;
  private final List<String> problems;
  private final Map<String, Written> values = new LinkedHashMap<>();

  private ConfigFile(String path, List<ConfigKey<?>> keys, List<String> problems) {
    this.path = path;
    this.keys = keys.stream().collect(Collectors.toMap(ConfigKey::name, key -> key));
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @param problems where what is wrong is added, a sentence each
   * @return values by the name of their key
   */
  static Map<String, Written> read(Path path, List<ConfigKey<?>> keys, List<String> problems) {
    try {
      return parse(path.toString(), Files.readString(path, StandardCharsets.UTF_8), keys, problems);
    } catch (NoSuchFileException e) {
      problems.add(path + ": there is no such file; mount it, or unset PREHEAT_CONFIG_FILE");
    } catch (IOException e) {
      problems.add(path + ": cannot be read: " + e.getMessage());
    }
    return Map.of();
  }

  private static Map<String, Written> parse(
      String path, String text, List<ConfigKey<?>> keys, List<String> problems) {
    ConfigFile file = new ConfigFile(path, keys, problems);
    try {
      List<Node> documents = new ArrayList<>();
      new Compose(LoadSettings.builder().setLabel(path).build())
          .composeAllFromString(text)
          .forEach(documents::add);
      if (documents.size() > 1) {
        problems.add(file.place(documents.get(1)) + ": only one YAML document is read; join them");
      }
      if (!documents.isEmpty()) {
        file.section("", documents.getFirst());
      }
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
      problems.add(path + line + ": not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(path + ": not YAML: " + e.getMessage());
    }
    return file.values;
  }

  private void section(String name, Node node) {
    if (isNull(node)) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          place(node)
              + ": "
              + (name.isEmpty() ? "the file" : name)
              + ": must hold keys ("
              + String.join(", ", inside(name))
              + ")");
      return;
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping.getValue()) {
      String key = scalar(entry.getKeyNode()).orElse("?");
      String full = name.isEmpty() ? key : name + "." + key;
      if (!seen.add(key)) {
        problems.add(place(entry.getKeyNode()) + ": " + full + ": is there twice; remove one");
      } else if (keys.containsKey(full)) {
        value(keys.get(full), entry);
      } else if (!inside(full).isEmpty()) {
        section(full, entry.getValueNode());
      } else {
        problems.add(place(entry.getKeyNode()) + ": " + full + ": unknown key; " + meant(full));
      }
    }
  }

  private void value(ConfigKey<?> key, NodeTuple entry) {
    Node node = entry.getValueNode();
    if (isNull(node)) {
      return;
    }
    Optional<ConfigValue> value = value(node);
    if (value.isEmpty()) {
      problems.add(place(node) + ": " + key.name() + ": must be " + key.type().expected());
      return;
    }
    Written before = values.put(key.name(), new Written(value.get(), place(entry.getKeyNode())));
    if (before != null) {
      problems.add(place(node) + ": " + key.name() + ": is there twice; remove one");
    }
  }

  private static Optional<ConfigValue> value(Node node) {
    return switch (node) {
      case ScalarNode scalar -> Optional.of(new Text(scalar.getValue().strip()));
      case SequenceNode sequence -> {
        List<String> items =
            sequence.getValue().stream().flatMap(item -> scalar(item).stream()).toList();
        yield items.size() == sequence.getValue().size()
            ? Optional.of(new Items(items))
            : Optional.empty();
      }
      case MappingNode mapping -> {
        Map<String, String> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
          Optional<String> key = scalar(tuple.getKeyNode());
          Optional<String> value = scalar(tuple.getValueNode());
          if (key.isPresent() && value.isPresent()) {
            entries.put(key.get(), value.get());
          }
        }
        yield entries.size() == mapping.getValue().size()
            ? Optional.of(new Entries(entries))
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  /** What may stand at the next level of a section; nothing where there is no such section. */
  private Set<String> inside(String section) {
    String prefix = section.isEmpty() ? "" : section + ".";
    return keys.keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()).replaceFirst("\\..*", ""))
        .sorted()
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** A key or a section; a key that is in the wrong section is found by its last part. */
  private String meant(String full) {
    Set<String> names = new LinkedHashSet<>(keys.keySet());
    keys.keySet()
        .forEach(name -> {
          for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            names.add(name.substring(0, dot));
          }
        });
    String last = full.substring(full.lastIndexOf('.') + 1);
    List<String> elsewhere =
        keys.keySet().stream().filter(name -> name.endsWith("." + last)).sorted().toList();
    Optional<String> nearest =
        elsewhere.size() == 1 ? Optional.of(elsewhere.getFirst()) : DidYouMean.to(full, names);
    if (nearest.isPresent()) {
      return "did you mean " + nearest.get() + "?";
    }
    String section = full.contains(".") ? full.substring(0, full.lastIndexOf('.')) : "";
    return "known are " + String.join(", ", inside(section));
  }

  private String place(Node node) {
    return path + node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
  }

  private static Optional<String> scalar(Node node) {
    return node instanceof ScalarNode scalar
        ? Optional.of(scalar.getValue().strip())
        : Optional.empty();
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }
}
