package io.goharbor.preheat.plugin;

/** Why a command cannot do what it was asked, as a sentence, and the exit code that says so. */
final class PluginFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  PluginFailure(int exitCode, String sentence) {
    super(sentence);
    this.exitCode = exitCode;
  }

  static PluginFailure usage(String sentence) {
    return new PluginFailure(ExitCode.USAGE, sentence);
  }

  static PluginFailure nothing(String sentence) {
    return new PluginFailure(ExitCode.NOTHING, sentence);
  }

  int exitCode() {
    return exitCode;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
