package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;

/** The embedded API and its faults. */
record EmbeddedApi(EmbeddedKube kube) implements FaultyApi {
  /** Without an answer before a leader's deadline, and with one before the client gives up. */
  private static final Duration SLOW = Duration.ofSeconds(4);

  @Override
  public int port() {
    return URI.create(kube.url()).getPort();
  }

  @Override
  public String kubeconfig(String replica, int at) {
    return kube.kubeconfig()
        .replace(kube.url(), "http://127.0.0.1:" + at)
        .replace("token: \"", "token: \"" + replica + "-");
  }

  @Override
  public void slowWrites(boolean slow) {
    if (slow) {
      List.of("PATCH preheatexecutions/status", "PUT leases")
          .forEach(write -> kube.slowness().delay(write, SLOW));
    } else {
      kube.slowness().clear();
    }
  }

  @Override
  public void unavailable(boolean gone) {
    kube.available(!gone);
  }

  @Override
  public void kill() {
    kube.kill();
  }

  @Override
  public void revive() {
    kube.revive();
  }

  @Override
  public AutoCloseable executions(BiConsumer<JsonNode, Boolean> sink) {
    return kube.observe(
        "/apis/" + ApiGroup.NAME + "/" + ApiGroup.VERSION, "preheatexecutions", sink);
  }

  @Override
  public AutoCloseable leases(LeaderBook leaders) {
    kube.onRequest((caller, asked) -> {
      // Who pushes images here has a token without a name.
      for (String replica : List.of("a", "b")) {
        if (caller.contains(" " + replica + "-")
            && List.of("update", "patch", "delete").contains(asked.verb())
            && !LeaderBook.WRITTEN_BY_ALL.contains(asked.resource())) {
          leaders.acted(replica, Instant.now(), asked.verb() + " " + asked.resource());
        }
      }
    });
    return kube.observe(
        "/apis/coordination.k8s.io/v1",
        "leases",
        (lease, deleted) -> {
          JsonNode spec = lease.path("spec");
          String holder = deleted ? "" : spec.path("holderIdentity").asText("");
          leaders.holder(holder);
          // This is told later than it was stored, and a new leader acts at once.
          leaders.held(
              holder, deleted ? Instant.now() : Instant.parse(spec.path("renewTime").asText()));
        });
  }

  @Override
  public void writes(LeaderBook leaders) {
    // Told as they come.
  }
}
