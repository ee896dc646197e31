package io.goharbor.preheat.plugin;

/** How much is warm, drawn. */
final class Bar {
  private static final int WIDTH = 24;
  // Eighths of a cell, so that a slow run is seen to move.
  private static final String PARTS = " ▏▎▍▌▋▊▉";

  private Bar() {}

  /** A bar of fixed width; what is out of range is taken as its end. */
  static String of(int percent) {
    int eighths = Math.clamp(percent, 0, 100) * WIDTH * 8 / 100;
    StringBuilder bar = new StringBuilder("▕").append("█".repeat(eighths / 8));
    if (eighths % 8 > 0) {
      bar.append(PARTS.charAt(eighths % 8));
    }
    return bar.append(" ".repeat(WIDTH + 1 - bar.length())).append('▏').toString();
  }
}
