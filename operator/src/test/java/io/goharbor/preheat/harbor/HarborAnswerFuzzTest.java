package io.goharbor.preheat.harbor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.http.AnyAnswer;

/**
 * Answers of any kind to all that Harbor is asked. Without a fuzzing engine these run the answers
 * of the corpus; with {@code JAZZER_FUZZ=1} in the environment they search for new ones.
 */
class HarborAnswerFuzzTest {
  private static final HarborArtifact.Detail ALL = new HarborArtifact.Detail(true, true, true);
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final HarborClient HARBOR = new HarborClient(AnyAnswer.system(), AnyAnswer.url());
  private static final HarborPreheat PREHEAT = new HarborPreheat(AnyAnswer.system());

  /** Answers that are an object. */
  @FuzzTest(maxDuration = "2m")
  void any_object(byte[] body) throws Exception {
    AnyAnswer.check(
        body,
        HARBOR::systemInfo,
        PREHEAT::about,
        () -> HARBOR.artifact("shop", "web", "1.0", ALL),
        () -> HARBOR.pullAuthorization("shop", "web"));
  }

  /** Answers that are a list; the same page again ends it. */
  @FuzzTest(maxDuration = "2m")
  void any_list(byte[] body) throws Exception {
    AnyAnswer.check(
        body,
        HARBOR::projects,
        PREHEAT::projects,
        PREHEAT::instances,
        () -> PREHEAT.policies("shop"),
        () -> PREHEAT.providersOf("shop"),
        () -> HARBOR.webhookPolicies("shop"),
        () -> HARBOR.artifacts("shop", new ArtifactQuery(null, null, true, ALL), found -> {}),
        () -> HARBOR.artifactsByPush("shop", new ArtifactQuery(null, null, true, ALL), 1));
  }

  /** Manifests; the same bytes are the answer of the token service. */
  @FuzzTest(maxDuration = "2m")
  void any_manifest(byte[] body) throws Exception {
    byte[] token = "{\"token\":\"t\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    AnyAnswer.check(token, () -> HARBOR.manifest("shop", "web", DIGEST));
    AnyAnswer.check(
        body,
        () -> HARBOR.anyManifest("shop", "web", DIGEST),
        () -> HARBOR.manifest("shop", "web", DIGEST));
  }
}
