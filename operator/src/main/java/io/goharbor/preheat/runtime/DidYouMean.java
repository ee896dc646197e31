package io.goharbor.preheat.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The word that somebody meant. */
final class DidYouMean {
  private DidYouMean() {}

  /** The nearest of the words, if one is near. */
  static Optional<String> to(String word, Collection<String> words) {
    return words.stream()
        .filter(each -> distance(word, each) <= Math.max(2, word.length() / 3))
        .min(
            Comparator.comparingInt((String each) -> distance(word, each))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Letters to put in, take out or change; two swapped neighbours count once. */
  private static int distance(String from, String to) {
    int[][] steps = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        boolean same = letter(from, i) == letter(to, j);
        int least = Math.min(steps[i - 1][j], steps[i][j - 1]) + 1;
        least = Math.min(least, steps[i - 1][j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && letter(from, i) == letter(to, j - 1)
            && letter(from, i - 1) == letter(to, j)) {
          least = Math.min(least, steps[i - 2][j - 2] + 1);
        }
        steps[i][j] = least;
      }
    }
    return steps[from.length()][to.length()];
  }

  private static char letter(String word, int number) {
    return Character.toLowerCase(word.charAt(number - 1));
  }
}
