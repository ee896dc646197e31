package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec.Dragonfly.TaskIDs;
import io.goharbor.preheat.provider.dragonfly.TaskIds.Scheme;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskIdsTest {
  /** What is configured, what the self-test saw, what the Manager can: what is sent and said. */
  @ParameterizedTest
  @CsvSource({
    "AUTO,        ,            ,      true,  URL,         ",
    "AUTO,        URL,         false, false, URL,         true",
    "AUTO,        URL,         true,  false, URL,         true",
    "AUTO,        BLOB_DIGEST, true,  true,  BLOB_DIGEST, true",
    "AUTO,        BLOB_DIGEST, false, true,  URL,         false",
    "AUTO,        ,            true,  true,  BLOB_DIGEST, ",
    "URL,         ,            true,  false, URL,         true",
    "URL,         BLOB_DIGEST, true,  false, URL,         false",
    "BLOB_DIGEST, ,            false, true,  URL,         false",
    "BLOB_DIGEST, ,            true,  true,  BLOB_DIGEST, true",
    "BLOB_DIGEST, URL,         true,  true,  BLOB_DIGEST, false",
  })
  void preheats_follow_pulls_where_the_manager_can(
      TaskIDs configured,
      @Nullable Scheme pulls,
      @Nullable Boolean understands,
      boolean asks,
      Scheme kept,
      @Nullable Boolean match) {
    TaskIds ids = new TaskIds(configured, true);
    if (pulls != null) {
      ids.found(pulls);
    }
    if (understands != null) {
      ids.answered(job(understands));
    }

    assertThat(ids.askForBlobDigest()).isEqualTo(asks);
    assertThat(ids.preheats()).isEqualTo(kept);
    assertThat(ids.notice().status()).isEqualTo(match);
  }

  @Test
  void an_old_manager_behind_the_charts_default_names_both_settings() {
    TaskIds ids = new TaskIds(TaskIDs.AUTO, true);
    ids.found(Scheme.BLOB_DIGEST);
    ids.answered(job(false));

    assertThat(ids.notice().message())
        .contains(
            "client.config.proxy.registryMirror.enableTaskIDBasedBlobDigest",
            "seedClient.config.proxy.registryMirror.enableTaskIDBasedBlobDigest",
            "false");
  }

  @Test
  void without_a_proxy_it_says_what_to_set() {
    assertThat(new TaskIds(TaskIDs.AUTO, false).notice().message())
        .contains("spec.dragonfly.proxyURL", "spec.dragonfly.taskIDs");
  }

  @Test
  void ids_are_those_of_dragonfly() {
    assertThat(Dialect.idOfDigest("sha256:abc")).isEqualTo("abc");
    // sha256 of "https://h/v2/a/b/blobs/sha256:abc" + "STANDARD"
    assertThat(new Dialect(null, null, null, null).idOfUrl("https://h/v2/a/b/blobs/sha256:abc"))
        .isEqualTo("7eb06f882700573c92075f66781b2848b135cf62d72ff8851a22f35636b95cad");
    assertThat(new Dialect(4194304L, "app", "tag", null).idOfUrl("u"))
        .isEqualTo("b9dccfe36a3077522b5fd9e20612e7e9b21ef1f1212edad13f2eb81ae5b51769");
  }

  private static Job job(boolean understands) {
    return new Job(
        1, null, null, "PENDING", new Job.Args(List.of(), understands ? true : null), null);
  }
}
