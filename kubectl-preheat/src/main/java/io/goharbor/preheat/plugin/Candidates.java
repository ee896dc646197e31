package io.goharbor.preheat.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What may be in place of the last of some words.
 *
 * @param fixed candidates with their descriptions, each as {@code word<tab>description}
 * @param named objects whose names may stand there too
 * @param prefix what the names must begin with
 * @param glued what stands before the name in the same word, such as {@code --provider=}
 * @param files whether a file may stand there
 */
record Candidates(
    List<String> fixed, Optional<Named> named, String prefix, String glued, boolean files) {
  /** What has names. */
  enum Named {
    POLICY,
    EXECUTION,
    PROVIDER,
    REGISTRY,
    ANY,
    NAMESPACE,
    CONTEXT
  }

  private static final Map<String, Named> BY_LABEL =
      Map.of("POLICY", Named.POLICY, "EXECUTION", Named.EXECUTION);
  private static final Map<String, Named> BY_OPTION =
      Map.of(
          "--policy", Named.POLICY,
          "--provider", Named.PROVIDER,
          "--registry", Named.REGISTRY,
          "--namespace", Named.NAMESPACE,
          "--context", Named.CONTEXT);

  /** Finds them by the model of the commands. */
  static Candidates of(CommandSpec root, List<String> words) {
    String last = words.isEmpty() ? "" : words.getLast();
    CommandSpec command = root;
    int positionals = 0;
    OptionSpec open = null;
    for (String word : words.subList(0, Math.max(0, words.size() - 1))) {
      if (open != null) {
        open = null;
      } else if (word.startsWith("-")) {
        open = word.contains("=") ? null : takesValue(command.findOption(word));
      } else if (command.subcommands().containsKey(word)) {
        command = command.subcommands().get(word).getCommandSpec();
      } else {
        positionals++;
      }
    }
    if (open != null) {
      return ofValue(open, open.longestName(), last, "");
    }
    int equals = last.indexOf('=');
    if (last.startsWith("--") && equals > 0) {
      String name = last.substring(0, equals);
      OptionSpec option = takesValue(command.findOption(name));
      return option == null
          ? none()
          : ofValue(
              option,
              option.longestName(),
              last.substring(equals + 1),
              last.substring(0, equals + 1));
    }
    if (last.startsWith("-")) {
      return new Candidates(options(command, last), Optional.empty(), last, "", false);
    }
    List<String> subcommands = subcommands(command, last);
    if (!command.subcommands().isEmpty()) {
      return new Candidates(subcommands, Optional.empty(), last, "", false);
    }
    int index = positionals;
    for (PositionalParamSpec positional : command.positionalParameters()) {
      if (positional.index().contains(index)) {
        return ofPositional(command, positional, last);
      }
    }
    return none();
  }

  private static Candidates none() {
    return new Candidates(List.of(), Optional.empty(), "", "", false);
  }

  private static @Nullable OptionSpec takesValue(@Nullable OptionSpec option) {
    return option == null || option.arity().max() == 0 ? null : option;
  }

  private static Candidates ofPositional(
      CommandSpec command, PositionalParamSpec positional, String last) {
    Named named =
        command.name().equals("status") ? Named.ANY : BY_LABEL.get(positional.paramLabel());
    return new Candidates(
        values(positional, last, ""), Optional.ofNullable(named), last, "", false);
  }

  private static Candidates ofValue(OptionSpec option, String name, String last, String glued) {
    return new Candidates(
        values(option, last, glued),
        Optional.ofNullable(BY_OPTION.get(name)),
        last,
        glued,
        option.paramLabel().equals("FILE"));
  }

  private static List<String> values(ArgSpec argument, String last, String glued) {
    Object[] constants = argument.type().getEnumConstants();
    return constants == null
        ? List.of()
        : Stream.of(constants)
            .map(Object::toString)
            .filter(word -> word.startsWith(last))
            .map(word -> glued + word)
            .toList();
  }

  private static List<String> options(CommandSpec command, String last) {
    List<String> names = new ArrayList<>();
    for (OptionSpec option : command.options()) {
      if (!option.hidden() && option.longestName().startsWith(last)) {
        names.add(option.longestName() + "\t" + firstSentence(option.description()));
      }
    }
    return names;
  }

  private static List<String> subcommands(CommandSpec command, String last) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, CommandLine> each : command.subcommands().entrySet()) {
      CommandSpec subcommand = each.getValue().getCommandSpec();
      if (!subcommand.usageMessage().hidden() && each.getKey().startsWith(last)) {
        names.add(each.getKey() + "\t" + firstSentence(subcommand.usageMessage().description()));
      }
    }
    return names;
  }

  private static String firstSentence(String[] description) {
    String text = description.length == 0 ? "" : description[0];
    int end = text.indexOf(". ");
    int colon = text.indexOf(": ");
    int cut =
        Stream.of(end, colon).filter(at -> at > 0).min(Integer::compare).orElse(text.length());
    return text.substring(0, cut).replaceFirst("\\.$", "");
  }
}
