package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the documentation says what the records of the configuration say. */
class ConfigPageTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");
  private static final Path SOURCE =
      Path.of("src/main/java", OperatorConfig.class.getName().replace('.', '/') + ".java");
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

  private static String table() throws IOException {
    Map<String, String> meanings = meanings();
    Map<String, StringBuilder> sections = new TreeMap<>();
    for (ConfigKey key : ConfigKey.ALL) {
      Setting setting = key.setting();
      String section = key.name().replaceFirst("\\..*", "");
      String byDefault = setting.byDefault().isEmpty() ? "" : "`" + setting.byDefault() + "`";
      sections
          .computeIfAbsent(section, name -> new StringBuilder())
          .append(
              "| `%s`<br>`%s` | %s | %s<br>*%s* |\n"
                  .formatted(
                      key.name(),
                      key.variable(),
                      byDefault,
                      meanings.get(key.name()),
                      setting.type().expected(setting)));
    }
    StringBuilder text =
        new StringBuilder("\n| Key, variable | Default | Meaning |\n|---|---|---|\n");
    sections.values().forEach(text::append);
    return text.append('\n').toString();
  }

  /** What Javadoc says of the components, by key. */
  private static Map<String, String> meanings() throws IOException {
    Map<String, String> byComponent = new HashMap<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(null, files, null, null, null, files.getJavaFileObjects(SOURCE));
      DocTrees docs = DocTrees.instance(task);
      new TreePathScanner<Void, Map<String, String>>() {
        @Override
        public Void visitClass(ClassTree type, Map<String, String> texts) {
          if (docs.getDocCommentTree(getCurrentPath()) != null) {
            docs.getDocCommentTree(getCurrentPath()).getBlockTags().stream()
                .filter(ParamTree.class::isInstance)
                .map(ParamTree.class::cast)
                .forEach(
                    param -> texts.put(type.getSimpleName() + "." + param.getName(), text(param)));
          }
          return super.visitClass(type, texts);
        }
      }.scan(task.parse(), byComponent);
    }
    return ConfigKey.ALL.stream()
        .collect(Collectors.toMap(ConfigKey::name, key -> byComponent.get(component(key.name()))));
  }

  private static String text(ParamTree param) {
    return param.getDescription().stream()
        .map(part ->
            part.getKind() == DocTree.Kind.CODE
                ? "`" + ((LiteralTree) part).getBody().getBody().strip() + "`"
                : part.toString())
        .collect(Collectors.joining())
        .replaceAll("\\s+", " ");
  }

  /** The record that has a key, and its component. */
  private static String component(String key) {
    Class<?> type = OperatorConfig.class;
    String component = key;
    while (component.contains(".")) {
      String section = component.substring(0, component.indexOf('.'));
      component = component.substring(section.length() + 1);
      for (var part : type.getRecordComponents()) {
        type = part.getName().equals(section) ? part.getType() : type;
      }
    }
    return type.getSimpleName() + "." + component;
  }
}
