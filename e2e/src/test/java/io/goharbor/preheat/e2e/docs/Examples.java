package io.goharbor.preheat.e2e.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The examples, which are documentation too. */
final class Examples {
  private Examples() {}

  static List<Path> all() throws IOException {
    try (Stream<Path> files = Files.walk(Page.ROOT.resolve("examples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  /** As blocks, each with the check that its name asks for. */
  static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path file : all()) {
      String name = Page.name(file);
      String check =
          name.endsWith("-values.yaml")
              ? "values of " + file.getFileName().toString().replace("-values.yaml", "")
              : "";
      blocks.add(new Block(name, 1, "yaml", check, Files.readString(file)));
    }
    return blocks;
  }
}
