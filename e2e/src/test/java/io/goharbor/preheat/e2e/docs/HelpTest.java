package io.goharbor.preheat.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.bench.Bench;
import io.goharbor.preheat.e2e.demo.Demo;
import io.goharbor.preheat.e2e.image.BuildImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

/** What the scripts print for {@code --help} without a build is what their programs would say. */
class HelpTest {
  private static final Map<String, CommandLine> PROGRAMS =
      Map.of(
          "demo", new CommandLine(new Demo()),
          "bench", Bench.command(),
          "image", new CommandLine(new BuildImage()));

  @TestFactory
  Stream<DynamicTest> the_help_of() {
    return PROGRAMS.entrySet().stream()
        .map(program ->
            DynamicTest.dynamicTest(
                program.getKey(), () -> holds(program.getKey(), program.getValue())));
  }

  private static void holds(String name, CommandLine program) throws IOException {
    Path file = Page.ROOT.resolve("bin/help").resolve(name + ".txt");
    String help = program.getUsageMessage(CommandLine.Help.Ansi.OFF);
    if (Boolean.getBoolean("docs.update")) {
      Files.writeString(file, help);
    }
    assertThat(Files.readString(file))
        .as("%s; write it with -Ddocs.update=true", file.getFileName())
        .isEqualTo(help);
    assertThat(help.lines()).allMatch(line -> line.length() <= 80);
  }
}
