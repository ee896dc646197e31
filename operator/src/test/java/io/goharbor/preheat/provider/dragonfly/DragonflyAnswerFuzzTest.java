package io.goharbor.preheat.provider.dragonfly;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.AnyAnswer;
import io.goharbor.preheat.http.RemoteSystem;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/**
 * Answers of any kind to all that a Dragonfly Manager is asked. Without a fuzzing engine these run
 * the answers of the corpus; with {@code JAZZER_FUZZ=1} in the environment they search for new
 * ones.
 */
class DragonflyAnswerFuzzTest {
  private static final RemoteSystem SYSTEM = AnyAnswer.system();
  private static final DragonflyManager MANAGER = new DragonflyManager(SYSTEM, SYSTEM, SYSTEM);
  private static final LegacyPreheats LEGACY = new LegacyPreheats(SYSTEM, SYSTEM);
  private static final ImageManifest MANIFEST =
      new ImageManifest(
          "https://h",
          "shop",
          "web",
          "sha256:m",
          "m",
          List.of(new ImageManifest.Blob("sha256:b", 5)));

  /** Answers that are an object. */
  @FuzzTest(maxDuration = "2m")
  void any_object(byte[] body) throws Exception {
    AnyAnswer.check(
        body,
        () -> {
          Job job = MANAGER.job(7).rows().getFirst();
          var _ = PeerReport.of(job, MANIFEST);
          var _ = job.created();
        },
        () -> LEGACY.get("7"),
        () -> LEGACY.create("https://h/v2/a/manifests/b", PullAuthorization.ANONYMOUS),
        LEGACY::ping,
        MANAGER::healthy);
  }

  /** Answers that are a list; the same page again ends it. */
  @FuzzTest(maxDuration = "2m")
  void any_list(byte[] body) throws Exception {
    AnyAnswer.check(
        body,
        () -> MANAGER.jobs(1, 50),
        MANAGER::mayUseJobs,
        MANAGER::schedulerClusters,
        () -> new JobSearch(MANAGER, Clock.systemUTC()).find(Set.of("key")));
  }
}
