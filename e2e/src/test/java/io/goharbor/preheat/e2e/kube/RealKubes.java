package io.goharbor.preheat.e2e.kube;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.time.Duration;

/** Real API servers for tests. */
public final class RealKubes {
  private RealKubes() {}

  /** Starts one with its data there; without the binaries the test is skipped, and says so. */
  public static RealKube startOrSkip(Path data) throws Exception {
    Path assets =
        RealKube.assets()
            .orElseGet(() ->
                abort(
                    "skipped: KUBEBUILDER_ASSETS names no directory with kube-apiserver and"
                        + " etcd"));
    return RealKube.start(assets, data, Duration.ofSeconds(60));
  }
}
