package io.goharbor.preheat.e2e.hostile;

import io.goharbor.preheat.e2e.hostile.Conducts.Route;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Servers that take all the time there is, asked by as many objects as a tenant can make. */
@Isolated("measures what another suite beside it would change")
class SlowServersTest extends OnEmbeddedCluster {
  private static final int REGISTRIES = 300;
  private static final int EXECUTIONS = 200;
  private static final int PROVIDERS = 60;

  private static final AtomicInteger RATE = new AtomicInteger(20);

  @Test
  void many_registries_and_providers_that_drip_hold_nobody_up() {
    HostileServer server = cluster.server(Conducts.silent());
    for (int i = 0; i < REGISTRIES; i++) {
      cluster.create(
          SharedCluster.TENANT,
          "HarborRegistry",
          "slow-" + i,
          "{url: '%s'}".formatted(server.url()));
    }
    for (int i = 0; i < PROVIDERS; i++) {
      cluster.create(
          SharedCluster.TENANT,
          "P2PProvider",
          "slow-" + i,
          ("{type: Dragonfly, dragonfly: {url: '%s', schedulerClusterIDs: [1]},"
                  + " healthCheck: {interval: 1s, timeout: 600s}}")
              .formatted(server.url()));
    }
    cluster
        .victim()
        .checkAsQuick(
            "registries beside many that drip",
            cluster.victim()::ready,
            3,
            () -> attack(server),
            () -> server.turn(Conducts.silent()));
    cluster
        .victim()
        .checkAsQuick(
            "preheats beside many registries that drip",
            cluster.victim()::warm,
            3,
            () -> attack(server),
            () -> server.turn(Conducts.silent()));
    cluster.pulse().check();
  }

  /** Has all objects looked at while the server drips. */
  private static void attack(HostileServer server) {
    server.turn(Conducts.drip());
    int rate = RATE.incrementAndGet();
    cluster.change("HarborRegistry", "{\"spec\":{\"requestsPerSecond\":%d}}".formatted(rate));
    cluster.change(
        "P2PProvider", "{\"spec\":{\"limits\":{\"requestsPerSecond\":%d}}}".formatted(rate));
  }

  @Test
  void many_executions_whose_registry_drips_hold_nobody_up() {
    HostileServer server = cluster.server(slowBehindInfo());
    cluster.create(
        SharedCluster.TENANT, "HarborRegistry", "dripping", "{url: '%s'}".formatted(server.url()));
    cluster
        .victim()
        .checkAsQuick(
            "preheats beside many executions that wait for a registry",
            cluster.victim()::warm,
            3,
            () -> {
              server.turn(slowBehindInfo());
              for (int i = 0; i < EXECUTIONS; i++) {
                cluster.create(
                    SharedCluster.TENANT,
                    "PreheatExecution",
                    "slow-" + i,
                    """
                    {harborRef: {name: dripping}, providerRefs: [{name: shared, namespace: platform}],\
                     artifacts: [{repository: evil/app-%d, tag: "1"}]}\
                    """
                        .formatted(i));
              }
            },
            () -> {
              cluster.clear("PreheatExecution");
              server.turn(Conducts.silent());
            });
    cluster.pulse().check();
  }

  private static HostileServer.Conduct slowBehindInfo() {
    return Conducts.harbor(
        new Route("/api/v2.0/projects/evil/repositories/", Conducts.drip()),
        new Route("/v2/", Conducts.drip()),
        new Route("/service/", Conducts.drip()));
  }
}
