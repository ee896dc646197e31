package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bench}: lists the benchmarks, or runs one. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Runs a benchmark and writes its figures to target/bench.")
public final class Bench implements Callable<Integer> {
  /** A benchmark. */
  interface Benchmark {
    /** The name by which it is run. */
    String name();

    /** What it measures, in a sentence. */
    String about();

    /** Runs; gives figures by name, in the order in which people read them. */
    Map<String, Number> run(Path root) throws Exception;

    /** Runs in another size, if it knows of sizes. */
    default Map<String, Number> run(Path root, List<Integer> sizes) throws Exception {
      return run(root);
    }
  }

  private static final List<Benchmark> ALL =
      List.of(
          new WholeWay(),
          new Observe(),
          new Match(),
          new Rest(),
          new Large(),
          new Ledger(),
          new Outages(),
          new IngestRate(),
          new Startup());

  // Set by picocli.
  @SuppressWarnings("NullAway.Init")
  @Parameters(index = "0", paramLabel = "NAME", description = "The benchmark to run.")
  private String name;

  @Parameters(
      index = "1..*",
      paramLabel = "SIZE",
      description = "Other sizes than the usual, where a benchmark knows of sizes.")
  private List<Integer> sizes = List.of();

  @Option(names = "--root", hidden = true, description = "The repository.")
  private Path root = Path.of("").toAbsolutePath();

  /** The names of the benchmarks. */
  public static List<String> names() {
    return ALL.stream().map(Benchmark::name).toList();
  }

  /** The command, whose help lists the benchmarks. */
  public static CommandLine command() {
    CommandLine command = new CommandLine(new Bench());
    command
        .getCommandSpec()
        .usageMessage()
        .footer(
            ALL.stream()
                .map(benchmark -> "%n" + benchmark.name() + "%n" + benchmark.about())
                .toArray(String[]::new));
    return command;
  }

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(command().execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    for (Benchmark benchmark : ALL) {
      if (benchmark.name().equals(name)) {
        Map<String, Number> figures = new LinkedHashMap<>(benchmark.run(root, sizes));
        System.out.println(benchmark.about());
        figures.forEach((figure, value) ->
            System.out.printf(Locale.ROOT, "  %-44s %12s%n", figure, text(value)));
        System.out.println("Written to " + root.relativize(write(figures)));
        return 0;
      }
    }
    System.err.println("There is no benchmark '" + name + "'; ./bench lists them.");
    return 2;
  }

  private Path write(Map<String, Number> figures) throws IOException {
    Path file = root.resolve("target/bench").resolve(name + ".json");
    Files.createDirectories(file.getParent());
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(file.toFile(), figures);
    return file;
  }

  private static String text(Number value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.2f", number)
        : value.toString();
  }
}
