package io.goharbor.preheat.http;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Needles by their first six characters: one step for each character of a text, however many
 * needles there are. A bit for each hash lets nearly all places pass without a look into the map.
 */
final class NeedleIndex {
  private static final int SIZE = Needle.SHORTEST;
  private static final int BITS = 1 << 20;

  /** Needles of a namespace that may begin alike. */
  private static final int MOST_ALIKE = 32;

  private static final int FIRST_WEIGHT = weight();

  private final AtomicLongArray seen = new AtomicLongArray(BITS / Long.SIZE);
  private final ConcurrentMap<Integer, List<Needle>> byHash = new ConcurrentHashMap<>();

  /** Adds needles; those that are there already stay once. */
  void add(List<Needle> needles) {
    for (Needle needle : needles) {
      int hash = hash(needle.text(), 0);
      byHash.merge(hash, List.of(needle), NeedleIndex::with);
      int bit = bit(hash);
      seen.getAndUpdate(bit >>> 6, word -> word | 1L << bit);
    }
  }

  private static List<Needle> with(List<Needle> before, List<Needle> more) {
    Needle needle = more.getFirst();
    String beginning = needle.text().substring(0, SIZE);
    long alike = 0;
    for (Needle other : before) {
      if (other.equals(needle)) {
        return before;
      }
      if (other.namespace().equals(needle.namespace())) {
        if (other.text().equals(beginning) && other.cut()) {
          return before;
        }
        alike++;
      }
    }
    if (alike < MOST_ALIKE) {
      return Stream.concat(before.stream(), more.stream()).toList();
    }
    // Each place that begins so would be compared with all; now it is hidden whatever follows.
    return Stream.concat(
            before.stream().filter(other -> !other.namespace().equals(needle.namespace())),
            Stream.of(new Needle(needle.namespace(), beginning, true, true)))
        .toList();
  }

  /** The next place at which one may stand, or a JSON Web Token; -1: nowhere. */
  int next(String text, int from) {
    int last = text.length() - SIZE;
    if (from > last) {
      return -1;
    }
    int hash = hash(text, from);
    for (int at = from; ; at++) {
      int bit = bit(hash);
      if ((seen.get(bit >>> 6) & 1L << bit) != 0
          || (text.charAt(at) == 'e' && text.charAt(at + 1) == 'y' && text.charAt(at + 2) == 'J')) {
        return at;
      }
      if (at == last) {
        return -1;
      }
      hash = (hash - text.charAt(at) * FIRST_WEIGHT) * 31 + text.charAt(at + SIZE);
    }
  }

  /**
   * Where the longest occurrence at a place ends; the place itself when there is none.
   *
   * @param namespace whose readers it is for; null: those who run the operator
   */
  int end(String text, int at, @Nullable String namespace) {
    int end = at;
    for (Needle needle : byHash.getOrDefault(hash(text, at), List.of())) {
      if (namespace == null || !needle.guessable() || needle.namespace().equals(namespace)) {
        end = Math.max(end, needle.end(text, at));
      }
    }
    return end;
  }

  private static int hash(String text, int at) {
    int hash = 0;
    for (int i = at; i < at + SIZE; i++) {
      hash = hash * 31 + text.charAt(i);
    }
    return hash;
  }

  private static int bit(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed >>> 12;
  }

  private static int weight() {
    int weight = 1;
    for (int i = 1; i < SIZE; i++) {
      weight *= 31;
    }
    return weight;
  }
}
