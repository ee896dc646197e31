package io.goharbor.preheat.e2e.docs;

import io.goharbor.preheat.e2e.bench.Bench;
import io.goharbor.preheat.e2e.demo.Demo;
import io.goharbor.preheat.importer.ImportHarbor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The repository's own commands: what they name must be there. Other tests run them. */
final class OwnCommands {
  private static final Set<String> PHASES =
      Set.of("clean", "compile", "test-compile", "test", "package", "verify");

  private OwnCommands() {}

  static Trial demo(List<String> words) {
    return parsed(new CommandLine(new Demo()), words.subList(1, words.size()));
  }

  static Trial bench(List<String> words) {
    List<String> arguments =
        words.subList(1, words.size()).stream()
            .map(word -> word.matches("[A-Z]+") && !word.equals("NAME") ? "1" : word)
            .toList();
    boolean known =
        arguments.isEmpty()
            || arguments.getFirst().equals("NAME")
            || Bench.names().contains(arguments.getFirst());
    if (arguments.isEmpty()) {
      return new Trial.LookedAt("lists the benchmarks");
    }
    return known
        ? parsed(Bench.command(), arguments)
        : new Trial.Wrong("there is no benchmark " + arguments.getFirst());
  }

  /** A script in {@code bin}: its options must be in it, or in a program of ours. */
  static Trial script(List<String> words) {
    Path script = Page.ROOT.resolve(words.getFirst());
    if (!Files.isExecutable(script)) {
      return new Trial.Wrong("there is no " + words.getFirst());
    }
    return wordsThere(words, Stream.concat(Stream.of(script), main("e2e")).toList());
  }

  /** The plugin's commands and options must be in its sources. */
  static Trial plugin(List<String> words) {
    List<Path> sources = main("kubectl-preheat").toList();
    return sources.isEmpty()
        ? new Trial.Wrong("there is no plugin")
        : words.size() > 2
                && !words.get(2).startsWith("-")
                && sources.stream()
                    .noneMatch(file -> read(file).contains("\"" + words.get(2) + "\""))
            ? new Trial.Wrong("the plugin has no command " + words.get(2))
            // The importer's options are in the operator.
            : wordsThere(words, Stream.concat(sources.stream(), main("operator")).toList());
  }

  private static Trial wordsThere(List<String> words, List<Path> sources) {
    for (String word : words) {
      String option = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
      if (option.startsWith("--")
          && !option.equals("--help")
          && sources.stream().noneMatch(file -> read(file).contains("\"" + option + "\""))) {
        return new Trial.Wrong("there is no option " + option);
      }
    }
    return new Trial.LookedAt("commands and options");
  }

  private static Stream<Path> main(String module) {
    Path directory = Page.ROOT.resolve(module).resolve("src/main/java");
    return Files.isDirectory(directory)
        ? walk(directory).filter(file -> file.toString().endsWith(".java"))
        : Stream.empty();
  }

  /** {@code java -jar operator-VERSION.jar COMMAND} or {@code java -cp ... CLASS}. */
  static Trial java(List<String> words) {
    int at = words.indexOf("-jar");
    if (at == words.size() - 1 && at > 0) {
      return new Trial.LookedAt("an option of Java's");
    }
    if (at < 0) {
      return classThere(words.get(words.indexOf("-cp") + 2));
    }
    String jar = words.get(at + 1);
    String version =
        read(Page.ROOT.resolve("operator/pom.xml")).replaceAll("(?s).*?<version>([^<]+).*", "$1");
    if (!jar.endsWith("operator-" + version + ".jar")) {
      return new Trial.Wrong("the build does not make " + jar);
    }
    List<String> arguments = words.subList(at + 2, words.size());
    if (arguments.isEmpty()) {
      return new Trial.LookedAt("the name of the jar");
    }
    return arguments.getFirst().equals("import-harbor")
        ? parsed(
            new CommandLine(new ImportHarbor(Map.of(), InputStream.nullInputStream())),
            arguments.subList(1, arguments.size()))
        : new Trial.Wrong("the operator has no command " + arguments.getFirst());
  }

  private static Trial classThere(String name) {
    try {
      Class.forName(name, false, OwnCommands.class.getClassLoader());
      return new Trial.LookedAt("the main class");
    } catch (ClassNotFoundException e) {
      return new Trial.Wrong("there is no class " + name);
    }
  }

  private static Trial parsed(CommandLine line, List<String> arguments) {
    try {
      line.parseArgs(arguments.toArray(String[]::new));
      return new Trial.LookedAt("options, as the program reads them");
    } catch (CommandLine.ParameterException e) {
      return new Trial.Wrong(String.valueOf(e.getMessage()));
    }
  }

  static Trial maven(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      Optional<String> wrong =
          switch (word) {
            case "-pl" -> missingModule(words.get(++i));
            case "-am", "-q", "-B", "-o" -> Optional.empty();
            default ->
                word.startsWith("-D")
                    ? wrongProperty(word.substring(2))
                    : word.startsWith("-P") ? wrongProfile(word.substring(2)) : wrongGoal(word);
          };
      if (wrong.isPresent()) {
        return new Trial.Wrong(wrong.get());
      }
    }
    return new Trial.LookedAt("modules, goals and properties");
  }

  private static Optional<String> missingModule(String names) {
    return Stream.of(names.split(",", -1))
        .filter(name -> !Files.exists(Page.ROOT.resolve(name).resolve("pom.xml")))
        .map(name -> "there is no module " + name)
        .findFirst();
  }

  private static Optional<String> wrongGoal(String word) {
    if (PHASES.contains(word)) {
      return Optional.empty();
    }
    int colon = word.indexOf(':');
    boolean known = colon > 0 && poms().contains(word.substring(0, colon) + "-maven-plugin");
    // Maven's own plugins have their names the other way round.
    known |= colon > 0 && poms().contains("maven-" + word.substring(0, colon) + "-plugin");
    return known ? Optional.empty() : Optional.of("no phase, option or goal: " + word);
  }

  private static Optional<String> wrongProfile(String name) {
    return poms().contains("<id>" + name + "</id>")
        ? Optional.empty()
        : Optional.of("there is no profile " + name);
  }

  private static Optional<String> wrongProperty(String property) {
    String name = property.replaceAll("=.*", "");
    if (name.equals("test")) {
      String test = property.substring(property.indexOf('=') + 1) + ".java";
      return sources().anyMatch(file -> file.endsWith(test))
          ? Optional.empty()
          : Optional.of("there is no test " + test);
    }
    Set<String> plugins =
        Set.of("skipTests", "surefire.failIfNoSpecifiedTests", "includeScope", "outputDirectory");
    boolean known =
        plugins.contains(name)
            || poms().contains("${" + name + "}")
            || sources().anyMatch(file -> read(file).contains("\"" + name + "\""));
    return known ? Optional.empty() : Optional.of("nothing reads the property " + name);
  }

  private static String poms() {
    StringBuilder all = new StringBuilder(read(Page.ROOT.resolve("pom.xml")));
    for (String module : List.of("api-model", "crds", "operator", "e2e")) {
      all.append(read(Page.ROOT.resolve(module).resolve("pom.xml")));
    }
    return all.toString();
  }

  private static Stream<Path> sources() {
    return Stream.of("crds", "operator", "e2e")
        .map(module -> Page.ROOT.resolve(module).resolve("src/test/java"))
        .flatMap(OwnCommands::walk)
        .filter(file -> file.toString().endsWith(".java"));
  }

  private static Stream<Path> walk(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return Arrays.stream(files.toArray(Path[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
