package io.goharbor.preheat.matching;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Finds the policies that an event could concern without asking each. For each pair of its project
 * and repository patterns, a policy is filed under one plain text that names must contain to match
 * the pair ({@link Landmarks}). A look-up finds which of these texts occur in the event's names; it
 * costs in proportion to the names' length and to the policies that are filed there. Only a pair
 * without any plain text is asked about every event.
 *
 * <p>Safe for concurrent use: a look-up sees a policy that is replaced either as it was or as it
 * is. Putting or removing a policy costs in proportion to the pairs of its patterns, not to the
 * other policies.
 *
 * @param <K> what names a policy
 */
public final class PolicyIndex<K> {
  private record Filed(Selector selector, List<String> landmarks) {}

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<K, Filed> policies = new HashMap<>();
  private final TextTree<Map<K, Selector>> byLandmark = new TextTree<>();

  /** Adds a policy, or replaces it. */
  public void put(K key, Selector selector) {
    List<List<String>> pairs = Landmarks.of(selector.projects(), selector.repositories());
    lock.writeLock().lock();
    try {
      takeOut(key);
      List<String> landmarks = pairs.stream().map(this::mostSelective).distinct().toList();
      policies.put(key, new Filed(selector, landmarks));
      for (String landmark : landmarks) {
        byLandmark.get(landmark, HashMap::new).put(key, selector);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Removes a policy; one that is not there is no matter. */
  public void remove(K key) {
    lock.writeLock().lock();
    try {
      takeOut(key);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void takeOut(K key) {
    Filed filed = policies.remove(key);
    if (filed == null) {
      return;
    }
    for (String landmark : filed.landmarks()) {
      Map<K, Selector> there = byLandmark.get(landmark, HashMap::new);
      there.remove(key);
      if (there.isEmpty()) {
        byLandmark.remove(landmark);
      }
    }
  }

  /**
   * The landmark under which the fewest are filed, as what many policies have in common is likely
   * in many names too; of equals the longest. The empty text, which occurs in every text, when
   * there is none.
   */
  private String mostSelective(List<String> landmarks) {
    return landmarks.stream()
        .min(Comparator.comparingInt(this::filedUnder).thenComparingInt(text -> -text.length()))
        .orElse("");
  }

  private int filedUnder(String landmark) {
    Map<K, Selector> there = byLandmark.get(landmark);
    return there == null ? 0 : there.size();
  }

  /** Number of policies. */
  public int size() {
    lock.readLock().lock();
    try {
      return policies.size();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * The policies that must be asked about an event, and their selectors; most of them select it.
   */
  public Map<K, Selector> filed(String project, String repository) {
    Map<K, Selector> filed = new HashMap<>();
    // Under a text that repeats itself the same policies are found many times.
    Set<Map<K, Selector>> found = Collections.newSetFromMap(new IdentityHashMap<>());
    lock.readLock().lock();
    try {
      byLandmark.forEachIn(
          Landmarks.text(project, repository),
          there -> {
            if (found.add(there)) {
              filed.putAll(there);
            }
          });
    } finally {
      lock.readLock().unlock();
    }
    return filed;
  }
}
