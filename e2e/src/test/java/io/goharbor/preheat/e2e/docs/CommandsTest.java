package io.goharbor.preheat.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command of the documentation: run against an embedded API with the chart, the examples and
 * some objects in it, or else looked at word by word. Nothing is passed over: a command that cannot
 * be tried must be in the list of {@link Foreign}, which is printed.
 */
class CommandsTest {
  private static final Set<String> SHELLS = Set.of("console", "sh", "bash", "shell");

  /** Code in a sentence that is a command. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "(\\./(demo|bench|mvnw)|kubectl [a-z].*|helm [a-z].*|java -.*|\\./(demo|bench|mvnw) .*"
              + "|JAVA_HOME=\\S+ \\./mvnw .*|kind [a-z]+ [a-z].*|argocd [a-z]+ .*)");

  private static final Map<String, List<String>> NOT_RUN = new TreeMap<>();
  private static final Map<String, Integer> COUNTS = new TreeMap<>();

  @TempDir private Path scratch;

  static Stream<String> pages() {
    return Page.all().stream().filter(page -> !commands(page).isEmpty()).map(Page::name);
  }

  /** In blocks, in sentences, and in the comments of examples. */
  static List<ShellCommand> commands(Page page) {
    List<ShellCommand> commands = new ArrayList<>();
    page.blocks().stream()
        .filter(block -> SHELLS.contains(block.language()))
        .forEach(block -> commands.addAll(ShellCommand.of(block)));
    page.inline().stream()
        .filter(code -> COMMAND.matcher(code.text()).matches())
        .forEach(code -> commands.add(ShellCommand.inline(page.name(), code)));
    return commands;
  }

  /** Commands that the examples tell of in their comments, as a page of blocks. */
  static Page inExamples() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : Examples.all()) {
      for (String line : Files.readAllLines(file)) {
        if (line.matches("#  +(kubectl|helm|\\./|kind) .*")) {
          all.append(line.substring(1).strip()).append('\n');
        }
      }
    }
    return new Page(
        "examples", List.of(new Block("examples", 1, "console", "", all.toString())), List.of());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void the_commands_of_a_page_work(String page) throws IOException {
    tryAll(Page.of(page, Files.readString(Page.ROOT.resolve(page))));
  }

  @Test
  void the_commands_in_the_comments_of_examples_work() throws IOException {
    tryAll(inExamples());
  }

  private void tryAll(Page page) throws IOException {
    Kubectl kubectl = new Kubectl();
    List<String> wrong = new ArrayList<>();
    try (Workspace workspace = new Workspace(scratch)) {
      for (ShellCommand command : commands(page)) {
        Trial trial = tryOut(kubectl, command, workspace);
        COUNTS.merge(trial.getClass().getSimpleName(), 1, Integer::sum);
        switch (trial) {
          case Trial.Wrong(String why) ->
              wrong.add(command.at() + ": " + command.text() + "\n    " + why);
          case Trial.NotRun(String reason) -> {
            NOT_RUN
                .computeIfAbsent(reason, none -> new ArrayList<>())
                .add(command.at() + ": " + command.text().lines().findFirst().orElse(""));
            if (!command.redirect().isEmpty()) {
              // What follows may read it.
              Files.writeString(scratch.resolve(command.redirect()), "made by a test");
            }
          }
          case Trial.Ran ran -> {}
          case Trial.LookedAt looked -> {}
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static Trial tryOut(Kubectl kubectl, ShellCommand command, Workspace workspace) {
    try {
      List<String> words = command.programs().getFirst();
      return switch (words.getFirst()) {
        case "kubectl" -> kubectl.tryOut(command, words, workspace);
        case "helm" -> HelmCommands.tryOut(command, words, workspace);
        case "./mvnw" -> OwnCommands.maven(words);
        case "./demo" -> OwnCommands.demo(words);
        case "./bench" -> OwnCommands.bench(words);
        case "java" -> OwnCommands.java(words);
        case "bin/image", "bin/jdk25" -> OwnCommands.script(words);
        default ->
            Foreign.reason(words)
                .<Trial>map(Trial.NotRun::new)
                .orElseGet(() ->
                    new Trial.Wrong(
                        "how to try this is not known: add a way, or a reason to Foreign"));
      };
    } catch (IOException | RuntimeException e) {
      return new Trial.Wrong(e.toString());
    }
  }

  @Test
  void a_shell_block_has_one_of_the_known_languages_and_no_command_hides_in_an_indentation() {
    List<String> hidden = new ArrayList<>();
    for (Page page : Page.all()) {
      for (Block block : page.blocks()) {
        if (!SHELLS.contains(block.language())
            && !YamlBlocksTest.LANGUAGES.contains(block.language())) {
          hidden.add(
              block.at() + ": no test looks at a block of the language '" + block.language() + "'");
        }
      }
      page.prose().stream()
          .filter(line -> line.matches(" {4,}(\\$ |kubectl |helm |\\./).*"))
          .forEach(line -> hidden.add(page.name() + ": put this into a block: " + line.strip()));
    }
    assertThat(hidden).isEmpty();
  }

  @AfterAll
  static void tell() {
    System.out.println("Commands of the documentation: " + COUNTS);
    if (!Kubectl.PRESENT) {
      System.out.println(
          "SKIPPED: kubectl or bash is not on the PATH, so no kubectl command was run");
    }
    NOT_RUN.forEach((reason, commands) -> {
      System.out.println("Not run: " + reason);
      commands.forEach(command -> System.out.println("  " + command));
    });
  }
}
