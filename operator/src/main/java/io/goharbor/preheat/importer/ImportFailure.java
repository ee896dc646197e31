package io.goharbor.preheat.importer;

/** Why nothing is printed, in a sentence, and the exit code that says so. */
final class ImportFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** Harbor cannot be reached, or answers what it should not. */
  static final int FAILED = 1;

  /** An option is missing, misspelt or names a file that cannot be used. */
  static final int USAGE = 2;

  /** Harbor does not take the user name and password. */
  static final int NOT_SIGNED_IN = 3;

  /** The account lacks a permission. */
  static final int FORBIDDEN = 4;

  /** There is nothing to import. */
  static final int NOTHING = 5;

  private final int exitCode;

  ImportFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }

  String describe() {
    return String.valueOf(getMessage());
  }
}
