package io.goharbor.preheat.matching;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the policies that an event could concern without asking each. A policy that names its
 * projects and repositories in plain text is found by hash; one with patterns by the plain text
 * before their first special character, of which there are as many to try as the name is long.
 *
 * <p>Safe for concurrent use; putting or removing one policy costs in proportion to its patterns.
 *
 * @param <K> what names a policy
 */
public final class PolicyIndex<K> {
  private record Entry<K>(K key, Selector selector, List<String> buckets) {}

  private final Map<K, Entry<K>> entries = new HashMap<>();
  private final Map<String, Map<K, Entry<K>>> buckets = new ConcurrentHashMap<>();

  /** Adds a policy, or replaces it. */
  public synchronized void put(K key, Selector selector) {
    remove(key);
    Entry<K> entry = new Entry<>(key, selector, bucketsOf(selector));
    entries.put(key, entry);
    for (String bucket : entry.buckets()) {
      buckets.computeIfAbsent(bucket, ignored -> new ConcurrentHashMap<>()).put(key, entry);
    }
  }

  /** Removes a policy; one that is not there is no matter. */
  public synchronized void remove(K key) {
    Entry<K> entry = entries.remove(key);
    if (entry == null) {
      return;
    }
    for (String bucket : entry.buckets()) {
      buckets.computeIfPresent(
          bucket,
          (name, members) -> {
            members.remove(key);
            return members.isEmpty() ? null : members;
          });
    }
  }

  /** Number of policies. */
  public synchronized int size() {
    return entries.size();
  }

  /**
   * The policies whose selector could match.
   *
   * @param tag null: not known
   */
  public List<K> candidates(String project, String repository, @Nullable String tag) {
    List<K> found = new ArrayList<>();
    for (String projectPart : List.of("=" + project, "*")) {
      collect(bucket(projectPart, "=" + repository), project, repository, tag, found);
      for (int end = 0; end <= repository.length(); end++) {
        collect(
            bucket(projectPart, "^" + repository.substring(0, end)),
            project,
            repository,
            tag,
            found);
      }
    }
    return found;
  }

  private void collect(
      String bucket, String project, String repository, @Nullable String tag, List<K> found) {
    Map<K, Entry<K>> members = buckets.get(bucket);
    if (members == null) {
      return;
    }
    for (Entry<K> entry : members.values()) {
      if (entry.selector().couldMatch(project, repository, tag) && !found.contains(entry.key())) {
        found.add(entry.key());
      }
    }
  }

  private static List<String> bucketsOf(Selector selector) {
    Set<String> projectParts = new java.util.LinkedHashSet<>();
    if (selector.projects().include().isEmpty()) {
      projectParts.add("*");
    }
    for (Doublestar pattern : selector.projects().include()) {
      projectParts.add(pattern.isLiteral() ? "=" + pattern : "*");
    }
    Set<String> repositoryParts = new java.util.LinkedHashSet<>();
    if (selector.repositories().include().isEmpty()) {
      repositoryParts.add("^");
    }
    for (Doublestar pattern : selector.repositories().include()) {
      // A slash before ** may stand for nothing: a/** needs a component, **/c does not.
      repositoryParts.add(pattern.isLiteral() ? "=" + pattern : "^" + pattern.literalPrefix());
    }
    List<String> all = new ArrayList<>();
    for (String projectPart : projectParts) {
      for (String repositoryPart : repositoryParts) {
        all.add(bucket(projectPart, repositoryPart));
      }
    }
    return all;
  }

  private static String bucket(String projectPart, String repositoryPart) {
    return projectPart + "/" + repositoryPart;
  }
}
