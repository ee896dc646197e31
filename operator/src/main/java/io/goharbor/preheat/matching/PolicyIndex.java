package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds the policies that an event could concern without asking each. A policy is filed under each
 * pair of its project and repository patterns: a plain one under its text, another under the plain
 * text before its first special character. A look-up tries each beginning of the event's names, so
 * it costs in proportion to their length and to the policies that are filed there.
 *
 * <p>Safe for concurrent use: a look-up sees a policy that is replaced either as it was or as it
 * is. Putting or removing a policy costs in proportion to the pairs of its patterns, not to the
 * other policies.
 *
 * @param <K> what names a policy
 */
public final class PolicyIndex<K> {
  /** Where a policy is filed: under a whole name, or under the beginning of one. */
  private record Slot(String text, boolean whole) {}

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Map<K, Selector> selectors = new HashMap<>();
  private final Map<Slot, Map<Slot, Map<K, Selector>>> byProject = new HashMap<>();

  /** Adds a policy, or replaces it. */
  public void put(K key, Selector selector) {
    lock.writeLock().lock();
    try {
      takeOut(key);
      selectors.put(key, selector);
      for (Slot project : slotsOf(selector.projects())) {
        Map<Slot, Map<K, Selector>> byRepository =
            byProject.computeIfAbsent(project, ignored -> new HashMap<>());
        for (Slot repository : slotsOf(selector.repositories())) {
          byRepository.computeIfAbsent(repository, ignored -> new HashMap<>()).put(key, selector);
        }
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
    Selector selector = selectors.remove(key);
    if (selector == null) {
      return;
    }
    for (Slot project : slotsOf(selector.projects())) {
      byProject.computeIfPresent(
          project,
          (slot, byRepository) -> {
            for (Slot repository : slotsOf(selector.repositories())) {
              byRepository.computeIfPresent(
                  repository,
                  (ignored, filed) -> {
                    filed.remove(key);
                    return filed.isEmpty() ? null : filed;
                  });
            }
            return byRepository.isEmpty() ? null : byRepository;
          });
    }
  }

  /** Number of policies. */
  public int size() {
    lock.readLock().lock();
    try {
      return selectors.size();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * The policies whose selector could match, each once, in no order.
   *
   * @param tag null: not known
   */
  public List<K> candidates(String project, String repository, @Nullable String tag) {
    List<K> found = new ArrayList<>();
    filed(project, repository)
        .forEach((key, selector) -> {
          if (selector.couldMatch(project, repository, tag)) {
            found.add(key);
          }
        });
    return found;
  }

  /** The policies that must be asked, a few more than {@link #candidates}. */
  Map<K, Selector> filed(String project, String repository) {
    Map<K, Selector> filed = new HashMap<>();
    List<Slot> repositorySlots = slotsFor(repository);
    lock.readLock().lock();
    try {
      for (Slot projectSlot : slotsFor(project)) {
        Map<Slot, Map<K, Selector>> byRepository = byProject.get(projectSlot);
        if (byRepository == null) {
          continue;
        }
        for (Slot repositorySlot : repositorySlots) {
          filed.putAll(byRepository.getOrDefault(repositorySlot, Map.of()));
        }
      }
    } finally {
      lock.readLock().unlock();
    }
    return filed;
  }

  private static List<Slot> slotsFor(String name) {
    List<Slot> slots = new ArrayList<>(name.length() + 2);
    slots.add(new Slot(name, true));
    for (int end = 0; end <= name.length(); end++) {
      slots.add(new Slot(name.substring(0, end), false));
    }
    return slots;
  }

  private static Set<Slot> slotsOf(Patterns patterns) {
    if (patterns.include().isEmpty()) {
      return Set.of(new Slot("", false));
    }
    Set<Slot> slots = new LinkedHashSet<>();
    for (Doublestar pattern : patterns.include()) {
      slots.add(new Slot(pattern.literalPrefix(), pattern.isLiteral()));
    }
    return slots;
  }
}
