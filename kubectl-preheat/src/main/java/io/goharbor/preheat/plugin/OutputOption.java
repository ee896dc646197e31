package io.goharbor.preheat.plugin;

import picocli.CommandLine.Option;

/** {@code --output}. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, json or yaml. Default: table.")
  private OutputFormat format = OutputFormat.TABLE;

  OutputFormat format() {
    return format;
  }

  boolean isTable() {
    return format == OutputFormat.TABLE;
  }
}
