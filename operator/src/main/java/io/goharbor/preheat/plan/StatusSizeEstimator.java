package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.harbor.HarborArtifact;
import java.util.List;

/**
 * How many bytes tasks take in an execution, with the longest messages that they can have. Objects
 * are kept far below the 1.5 MiB that etcd takes, so that writing one stays cheap.
 */
public final class StatusSizeEstimator {
  /** For the tasks of one execution; with all else it stays below 512 KiB. */
  static final int MOST = 400 * 1024;

  /** Characters of a task's message. */
  public static final int LONGEST_MESSAGE = 512;

  // Names of fields, digest, state, times and the longest message.
  private static final int TASK = 620 + LONGEST_MESSAGE;
  private static final int REF = 150;

  private StatusSizeEstimator() {}

  static int of(List<TaskStatus> tasks) {
    return tasks.stream().mapToInt(StatusSizeEstimator::of).sum();
  }

  static int of(TaskStatus task) {
    return TASK + task.repository().length() + task.artifact().length();
  }

  /** What an artifact takes in an execution that names it and preheats it to one provider. */
  static int of(Selected selected, Run run) {
    HarborArtifact artifact = selected.artifact();
    long entries =
        artifact.children().stream()
            .filter(child -> Platforms.wanted(run.platforms(), child.platform()))
            .count();
    // A converter makes one copy of each manifest.
    long manifests = Math.max(1, entries) * (run.accessories().isEmpty() ? 1 : 2);
    int names = 2 * selected.repository().length() + tag(selected.tags()).length();
    return (int) Math.min(MOST, manifests * (TASK + names) + REF + names);
  }

  /** How a part names an artifact that its whole selected. */
  static ArtifactRef ref(Selected selected) {
    String tag = tag(selected.tags());
    return new ArtifactRef(
        selected.repository(), tag.isEmpty() ? null : tag, selected.artifact().digest());
  }

  private static String tag(List<String> tags) {
    return tags.isEmpty() ? "" : tags.getFirst();
  }
}
