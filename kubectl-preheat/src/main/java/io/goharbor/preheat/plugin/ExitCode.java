package io.goharbor.preheat.plugin;

/** How a command ended, for scripts. The codes of {@code import harbor} mean the same. */
final class ExitCode {
  /** Done. */
  static final int OK = 0;

  /** The cluster cannot be reached, or answers what it should not. */
  static final int FAILED = 1;

  /** An option, an argument or a file is wrong. */
  static final int USAGE = 2;

  /** The credentials are not taken. */
  static final int NOT_SIGNED_IN = 3;

  /** A permission is missing. */
  static final int FORBIDDEN = 4;

  /** What is named does not exist, or there is nothing to do. */
  static final int NOTHING = 5;

  /** The run ended, but not well. */
  static final int NOT_SUCCEEDED = 6;

  /** What was waited for did not come in time. */
  static final int TIMED_OUT = 7;

  private ExitCode() {}
}
