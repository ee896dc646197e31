package io.goharbor.preheat.plan;

/** Names of executions that the operator makes. */
public final class ExecutionNames {
  private static final int LABEL = 63;

  private ExecutionNames() {}

  /** A name of at most so many characters; what is cut off is stood for by a hash. */
  public static String shorten(String name, int most) {
    return name.length() <= most
        ? name
        : name.substring(0, most - 6).replaceAll("[.-]+$", "")
            + "-"
            + PlanBuilder.hash(name).substring(0, 5);
  }

  /** A name as a label's value. */
  public static String labelValue(String name) {
    return shorten(name, LABEL);
  }
}
