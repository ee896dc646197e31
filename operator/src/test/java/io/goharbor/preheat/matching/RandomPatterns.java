package io.goharbor.preheat.matching;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Random patterns by a grammar, and random names of the same few parts, so that many match. */
record RandomPatterns(Random random) {
  private static final List<String> WORDS =
      List.of("web", "api", "a", "ab", "b", "dev-", "-eu", "é", "😀", "【", "*", "{");

  /** One to four path components. */
  String name() {
    return some(4, "/", () -> some(3, "", () -> pick(WORDS)));
  }

  /** A pattern that compiles. */
  String pattern() {
    return switch (random.nextInt(12)) {
      case 0 -> "";
      case 1 -> "**";
      default -> some(4, "/", this::component);
    };
  }

  private String component() {
    return random.nextInt(4) == 0 ? "**" : some(3, "", () -> part(2));
  }

  private String part(int depth) {
    return switch (random.nextInt(12)) {
      case 0 -> "*";
      case 1 -> "?";
      case 2 -> "[" + (random.nextBoolean() ? "^" : "") + members(depth) + "]";
      case 3 -> "\\" + word().replace("\\", "");
      case 4, 5 -> depth == 0 ? word() : "{" + some(3, ",", () -> alternative(depth - 1)) + "}";
      default -> word();
    };
  }

  /** A brace inside a class is plain only where no brace is open. */
  private String members(int depth) {
    return pick(List.of("a-c", "😀é", "\\]w", depth == 2 ? "{*" : "*"));
  }

  private String alternative(int depth) {
    return switch (random.nextInt(8)) {
      case 0 -> "";
      case 1 -> "**/" + part(depth);
      case 2 -> part(depth) + "/**";
      case 3 -> part(depth) + "/" + part(depth);
      default -> some(2, "", () -> part(depth));
    };
  }

  /** A word of names, written so that it means itself. */
  private String word() {
    String word = pick(WORDS);
    return word.equals("*") || word.equals("{") ? "\\" + word : word;
  }

  private String some(int most, String between, Supplier<String> part) {
    return IntStream.range(0, 1 + random.nextInt(most))
        .mapToObj(i -> part.get())
        .collect(Collectors.joining(between));
  }

  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
