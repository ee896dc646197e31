package io.goharbor.preheat.e2e.docs;

/** What was done to find out whether a command of the documentation is right. */
sealed interface Trial {
  /** It was run, and did not fail. */
  record Ran() implements Trial {}

  /** Its options, names and files were checked. */
  record LookedAt(String what) implements Trial {}

  /** It needs what is not here; its files and names were checked where it has some. */
  record NotRun(String reason) implements Trial {}

  /** It is wrong. */
  record Wrong(String why) implements Trial {}
}
