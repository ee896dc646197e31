package io.goharbor.preheat.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DedupKeyTest {
  private static final ObjectKey MAIN = new ObjectKey("team", "main");
  private static final DedupKey KEY =
      key(source(MAIN, "https://h.example.com", "robot"), "shop/web", "sha256:1");

  @Test
  void the_same_artifact_of_the_same_registry_is_one_job() {
    assertThat(key(source(MAIN, "https://h.example.com/", "robot"), "shop/web", "sha256:1"))
        .isEqualTo(KEY);
  }

  @Test
  void whatever_differs_is_another() {
    assertThat(
            List.of(
                key(
                    source(new ObjectKey("other", "main"), "https://h.example.com", "robot"),
                    "shop/web",
                    "sha256:1"),
                key(
                    source(new ObjectKey("team", "copy"), "https://h.example.com", "robot"),
                    "shop/web",
                    "sha256:1"),
                key(source(MAIN, "https://evil.example.com", "robot"), "shop/web", "sha256:1"),
                key(source(MAIN, "https://h.example.com", "other"), "shop/web", "sha256:1"),
                key(source(MAIN, "https://h.example.com", null), "shop/web", "sha256:1"),
                key(DedupKey.Source.gone(MAIN), "shop/web", "sha256:1"),
                key(KEY.source(), "shop/api", "sha256:1"),
                key(KEY.source(), "shop/web", "sha256:2"),
                new DedupKey(KEY.source(), Operation.EVICT, "shop/web", "sha256:1", Target.DEFAULT),
                new DedupKey(
                    KEY.source(),
                    Operation.PREHEAT,
                    "shop/web",
                    "sha256:1",
                    new Target(Target.Scope.ALL_PEERS, null, null, null))))
        .doesNotHaveDuplicates()
        .doesNotContain(KEY);
  }

  private static DedupKey key(DedupKey.Source source, String repository, String digest) {
    return new DedupKey(source, Operation.PREHEAT, repository, digest, Target.DEFAULT);
  }

  private static DedupKey.Source source(
      ObjectKey registry, String url, @Nullable String credentials) {
    return DedupKey.Source.of(
        registry,
        new HarborRegistrySpec(
            url,
            null,
            credentials == null ? null : new LocalRef(credentials),
            null,
            null,
            null,
            null));
  }
}
