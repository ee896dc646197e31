package io.goharbor.preheat.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Names the word that was meant by one that is not known. */
final class DidYouMean {
  private DidYouMean() {}

  /** The nearest of the words as a question; where none is near, what else to say. */
  static String among(Collection<String> words, String wrong, String otherwise) {
    return words.stream()
        .filter(word -> distance(wrong, word) <= Math.max(2, wrong.length() / 3))
        .sorted()
        .min(Comparator.comparingInt(word -> distance(wrong, word)))
        .map(word -> "did you mean " + word + "?")
        .orElse(otherwise);
  }

  /** Levenshtein's: how many letters, whatever their case, to insert, remove or change. */
  private static int distance(String from, String to) {
    int[] steps = IntStream.rangeClosed(0, to.length()).toArray();
    for (int i = 0; i < from.length(); i++) {
      int diagonal = steps[0]++;
      for (int j = 0; j < to.length(); j++) {
        boolean same = Character.toLowerCase(from.charAt(i)) == Character.toLowerCase(to.charAt(j));
        int change = diagonal + (same ? 0 : 1);
        diagonal = steps[j + 1];
        steps[j + 1] = Math.min(change, Math.min(steps[j], steps[j + 1]) + 1);
      }
    }
    return steps[to.length()];
  }
}
