package io.goharbor.preheat.registry;

import io.goharbor.preheat.api.PreheatPolicyStatus;
import io.goharbor.preheat.api.PreheatPolicyStatus.KnownSelection;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the sweep knows of one generation of a policy. What must outlive the operator is in the
 * policy's status: the marks of what is selected, where Harbor does not date that.
 */
final class PolicyMemory {
  private final SweptPolicy policy;
  private Set<Long> marked = new HashSet<>();
  private Set<Long> markedInPass = new HashSet<>();
  private Set<String> found = new HashSet<>();
  private Set<String> foundBefore = Set.of();
  private boolean complete;
  private @Nullable Instant pass;
  private @Nullable KnownSelection stored;

  /** Begins with what the policy's status tells of the same generation. */
  PolicyMemory(SweptPolicy policy) {
    this.policy = policy;
    PreheatPolicyStatus status = policy.policy().getStatus();
    if (status != null
        && status.catchUp() != null
        && policy.policy().getMetadata().getGeneration().equals(status.catchUp().generation())) {
      stored = status.catchUp();
      marked = ArtifactFingerprints.read(status.catchUp().marks());
      complete = true;
    }
  }

  SweptPolicy policy() {
    return policy;
  }

  /** Whether what is selected was marked once through all projects. */
  boolean complete() {
    return complete;
  }

  boolean marked(String key) {
    return marked.contains(ArtifactFingerprints.of(key));
  }

  /** Whether an execution was made for it lately, which the cache may not show yet. */
  boolean found(String key) {
    return found.contains(key) || foundBefore.contains(key);
  }

  /** Whether it is in no pass yet, though it can find nothing by itself before it was in one. */
  boolean awaitsPass() {
    return policy.undated() && !complete && pass == null;
  }

  /** Marks what is selected and needs nothing, or was just taken care of. */
  void mark(Collection<String> keys) {
    if (policy.undated()) {
      for (String key : keys) {
        long mark = ArtifactFingerprints.of(key);
        marked.add(mark);
        markedInPass.add(mark);
      }
    }
  }

  /** Remembers for what an execution was made. */
  void find(Collection<String> keys) {
    found.addAll(keys);
    mark(keys);
  }

  /** A pass over all artifacts begins. */
  void passBegins(Instant began) {
    pass = began;
    markedInPass = new HashSet<>();
  }

  /** It ended. What was not met in it is not selected any more, if it was followed throughout. */
  void passEnds(Instant began) {
    if (began.equals(pass)) {
      marked = markedInPass;
      markedInPass = new HashSet<>();
      complete = true;
    }
    pass = null;
    foundBefore = found;
    found = new HashSet<>();
  }

  /** What the status is to tell, if it tells something else. */
  Optional<KnownSelection> toStore() {
    if (!policy.undated() || !complete) {
      return Optional.empty();
    }
    KnownSelection now =
        new KnownSelection(
            policy.policy().getMetadata().getGeneration(),
            marked.size(),
            ArtifactFingerprints.write(marked));
    return now.equals(stored) ? Optional.empty() : Optional.of(now);
  }

  /** It does now. */
  void stored(KnownSelection now) {
    stored = now;
  }
}
