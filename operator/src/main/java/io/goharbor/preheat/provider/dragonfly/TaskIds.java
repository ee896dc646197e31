package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly.TaskIDs;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.provider.Notice;
import org.jspecify.annotations.Nullable;

/**
 * Under which ids peers keep what is preheated, and which ids pulls ask for. When the two differ,
 * no pull ever finds what was preheated: Managers up to 2.5.1 preheat by URL only, while the
 * proxies of Dragonfly's chart go by blob digest since 1.5.6 (dragonfly issue 4590).
 */
final class TaskIds {
  static final String CONDITION = "TaskIDsMatch";
  private static final String SETTING = "config.proxy.registryMirror.enableTaskIDBasedBlobDigest";

  /** What an id is made of. */
  enum Scheme {
    URL("URL"),
    BLOB_DIGEST("blob digest");

    private final String text;

    Scheme(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private final TaskIDs configured;
  private final boolean testable;
  private volatile @Nullable Scheme pulls;
  private volatile @Nullable String untestable;
  private volatile @Nullable Boolean managerUnderstands;

  /**
   * What is known before anything was sent.
   *
   * @param testable whether there is a proxy to try
   */
  TaskIds(TaskIDs configured, boolean testable) {
    this.configured = configured;
    this.testable = testable;
  }

  /** Whether a preheat is to ask for ids by blob digest. */
  boolean askForBlobDigest() {
    return switch (configured) {
      case URL -> false;
      case BLOB_DIGEST -> true;
      // A Manager that understands the argument came after the proxies' default changed.
      case AUTO -> pulls != Scheme.URL;
    };
  }

  /** Under which ids preheats are kept, as far as is known. */
  Scheme preheats() {
    return Boolean.TRUE.equals(managerUnderstands) && askForBlobDigest()
        ? Scheme.BLOB_DIGEST
        : Scheme.URL;
  }

  /** A Manager repeats those arguments of a preheat that it understands. */
  void answered(Job job) {
    if (job.args() != null) {
      managerUnderstands = job.args().byBlobDigest() != null;
    }
  }

  /** What the self-test found. */
  void found(Scheme scheme) {
    pulls = scheme;
    untestable = null;
  }

  /** The self-test could not tell. */
  void notFound(String why) {
    untestable = why;
  }

  /** What people should know of it. */
  Notice notice() {
    Scheme asked = asked();
    if (asked == null) {
      String why = untestable;
      return unknown(
          testable
              ? why == null
                  ? "the self-test runs with the next preheat"
                  : "the self-test could not tell: " + why
              : "set spec.dragonfly.proxyURL to have it tested, or spec.dragonfly.taskIDs; Managers"
                  + " up to 2.5.1 preheat by URL only, the chart's proxies go by blob digest since"
                  + " 1.5.6, and pulls then find nothing");
    }
    if (managerUnderstands == null) {
      return unknown("pulls go by " + asked + "; the next preheat shows what the Manager can");
    }
    Scheme kept = preheats();
    if (kept == asked) {
      return new Notice(
          CONDITION, true, Reason.TASK_IDS_MATCH, "Preheats and pulls both go by " + kept + ".");
    }
    String cure =
        asked == Scheme.URL
            ? "set spec.dragonfly.taskIDs to URL or Auto"
            : Boolean.TRUE.equals(managerUnderstands)
                ? "set spec.dragonfly.taskIDs to BlobDigest or Auto"
                : "this Manager cannot preheat by blob digest: upgrade it beyond 2.5.1, or set client."
                    + SETTING
                    + " and seedClient."
                    + SETTING
                    + " to false in Dragonfly's chart";
    return new Notice(
        CONDITION,
        false,
        Reason.TASK_IDS_DIFFER,
        "Pulls find nothing of what is preheated: preheats go by "
            + kept
            + ", pulls by "
            + asked
            + "; "
            + cure);
  }

  private @Nullable Scheme asked() {
    if (pulls != null) {
      return pulls;
    }
    return switch (configured) {
      case URL -> Scheme.URL;
      case BLOB_DIGEST -> Scheme.BLOB_DIGEST;
      case AUTO -> null;
    };
  }

  private static Notice unknown(String message) {
    return new Notice(CONDITION, null, Reason.TASK_IDS_UNKNOWN, message);
  }
}
