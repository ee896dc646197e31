package io.goharbor.preheat.matching;

/**
 * How much matching may still be done, in elementary comparisons of a pattern with a text. Whoever
 * spends also yields from time to time: a virtual thread that only computes would not give way to
 * another one by itself.
 *
 * <p>For one thread.
 */
public final class MatchBudget {
  /** A few milliseconds. */
  private static final long STEPS_IN_TURN = 1 << 20;

  private long left;
  private long inTurn = STEPS_IN_TURN;

  /**
   * A budget.
   *
   * @param steps comparisons; the last match may take a few more
   */
  public MatchBudget(long steps) {
    this.left = steps;
  }

  /** For what no one waits for. */
  static MatchBudget unlimited() {
    return new MatchBudget(Long.MAX_VALUE);
  }

  /** Whether it is used up; what is asked then is not answered. */
  public boolean spent() {
    return left <= 0;
  }

  // Nothing else makes a busy virtual thread give its carrier to others.
  @SuppressWarnings("ThreadPriorityCheck")
  void spend(int steps) {
    left -= steps;
    inTurn -= steps;
    if (inTurn <= 0) {
      inTurn = STEPS_IN_TURN;
      Thread.yield();
    }
  }
}
