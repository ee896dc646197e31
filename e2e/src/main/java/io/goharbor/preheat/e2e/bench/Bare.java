package io.goharbor.preheat.e2e.bench;

import java.io.IOException;

/** The least that a JVM can do: tells that it is there, and stays until its input ends. */
final class Bare {
  private Bare() {}

  /** Runs. */
  public static void main(String[] arguments) throws IOException {
    System.out.println("up");
    while (System.in.read() >= 0) {
      // Nothing is sent; the end is.
    }
  }
}
