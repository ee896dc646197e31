package io.goharbor.preheat.e2e.demo;

import io.goharbor.preheat.e2e.world.Scenario;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What a person sees: lines that scroll, and on a terminal a table below them that is redrawn. */
final class Screen implements Scenario.Watcher {
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final boolean terminal;
  private int drawn;

  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  boolean isTerminal() {
    return terminal;
  }

  /** Writes a line. */
  synchronized void say(String line) {
    erase();
    out.println(line);
    out.flush();
  }

  /** Draws lines that the next call replaces. */
  synchronized void draw(List<String> lines) {
    erase();
    lines.forEach(out::println);
    out.flush();
    drawn = lines.size();
  }

  private void erase() {
    if (terminal && drawn > 0) {
      out.print("\u001b[" + drawn + "A" + CLEAR_BELOW);
    }
    drawn = 0;
  }

  @Override
  public void step(String title) {
    say("");
    say(terminal ? "\u001b[1m" + title + "\u001b[0m" : "== " + title);
  }

  @Override
  public void outcome(Scenario.Outcome outcome) {
    String time = String.format(Locale.ROOT, "%.1f s", outcome.after().toMillis() / 1000.0);
    String mark = outcome.observed() ? "ok  " : "MISS";
    if (terminal) {
      mark = (outcome.observed() ? "\u001b[32m" : "\u001b[31m") + mark + "\u001b[0m";
    }
    say("  " + mark + " " + outcome.expected() + " (" + time + ")");
  }

  /** Writes the closing summary. */
  void summary(List<Scenario.Outcome> outcomes) {
    long observed = outcomes.stream().filter(Scenario.Outcome::observed).count();
    say("");
    say(observed + " of " + outcomes.size() + " expected outcomes were observed.");
    outcomes.stream()
        .filter(outcome -> !outcome.observed())
        .forEach(outcome -> say("  not observed: " + outcome.expected()));
  }
}
