package io.goharbor.preheat.plugin;

import picocli.CommandLine.Command;

/** {@code import}: what it can import from are its subcommands. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "SOURCE",
    description = "Prints what another system is set up to preheat as our kinds.")
final class ImportCommand {}
