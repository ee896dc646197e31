package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.TcpProxy;
import io.goharbor.preheat.http.SendGate;
import io.goharbor.preheat.supervision.Supervisor;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** One leads, and never two, whatever happens between replicas and the API server. */
@Isolated("measures what another suite beside it would change")
class LeaderElectionTest {
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final OperatorConfig CONFIG =
      OperatorConfig.from(
          Map.of(
              "PREHEAT_LEADER_ELECTION_LEASE_DURATION", "3s",
              "PREHEAT_LEADER_ELECTION_RENEW_DEADLINE", "2s",
              "PREHEAT_LEADER_ELECTION_RETRY_PERIOD", "300ms",
              "POD_NAMESPACE", "default"));

  private final EmbeddedKube kube = EmbeddedKube.start();
  private final KubernetesClient client = kube.client();
  private final Supervisor supervisor = new Supervisor(_ -> {});
  private final List<AutoCloseable> opened = new ArrayList<>();

  private final class Replica implements AutoCloseable {
    final KubernetesClients clients;
    final LeaderElection election;
    volatile long led;
    volatile long lost;

    Replica(String name, String url) {
      Config config = new ConfigBuilder(kube.config()).withMasterUrl(url).build();
      config.setOauthToken("kubeconfig");
      clients = KubernetesClients.open(config, CONFIG, SendGate.OPEN);
      election =
          new LeaderElection(
              clients.lease(),
              name,
              CONFIG,
              supervisor,
              InstantSource.system(),
              () -> led = System.nanoTime(),
              () -> lost = System.nanoTime());
      opened.add(this);
      election.start();
    }

    boolean leads() {
      return election.leads();
    }

    void awaitLeads(Duration atMost) {
      await().atMost(atMost).pollInterval(Duration.ofMillis(10)).until(this::leads);
    }

    @Override
    public void close() {
      election.close();
      clients.close();
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
    client.close();
    kube.close();
  }

  @Test
  void a_lease_with_nothing_in_it_is_taken_over() {
    client.resource(lease(new LeaseSpec())).create();
    new Replica("a", kube.url()).awaitLeads(Duration.ofSeconds(2));
    assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("a");
  }

  @Test
  void a_dead_holder_whose_clock_was_ahead_blocks_nobody() {
    LeaseSpec dead = new LeaseSpec();
    dead.setHolderIdentity("dead");
    dead.setLeaseDurationSeconds(3);
    dead.setRenewTime(Instant.now().plusSeconds(600).atZone(ZoneOffset.UTC));
    client.resource(lease(dead)).create();
    long begin = System.nanoTime();
    Replica replica = new Replica("a", kube.url());
    replica.awaitLeads(LEASE.plusSeconds(3));
    assertThat(replica.led - begin).isGreaterThanOrEqualTo(LEASE.toNanos());
  }

  @Test
  void a_leader_whose_connection_is_frozen_leads_no_more_before_another_does() throws Exception {
    TcpProxy network = network();
    Replica frozen = new Replica("frozen", "http://127.0.0.1:" + network.port());
    frozen.awaitLeads(Duration.ofSeconds(5));
    Replica other = new Replica("other", kube.url());
    Thread.sleep(1000);
    network.freeze();
    long freeze = System.nanoTime();
    Instant until = Instant.now().plus(LEASE).plus(LEASE);
    while (!other.leads() && Instant.now().isBefore(until)) {
      assertThat(frozen.leads() && other.leads()).isFalse();
      Thread.sleep(1);
    }
    assertThat(other.leads()).isTrue();
    assertThat(frozen.leads()).isFalse();
    assertThat(frozen.lost - freeze).isBetween(1L, DEADLINE.plusMillis(300).toNanos());
    network.thaw();
    for (int i = 0; i < 100; i++) {
      assertThat(frozen.leads()).isFalse();
      Thread.sleep(10);
    }
    assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("other");
  }

  @Test
  void after_the_api_server_was_away_for_long_one_leads_again() throws Exception {
    Replica first = new Replica("first", kube.url());
    first.awaitLeads(Duration.ofSeconds(5));
    Replica second = new Replica("second", kube.url());
    kube.kill();
    await().atMost(DEADLINE.plusSeconds(2)).until(() -> first.lost != 0);
    assertThat(first.leads()).isFalse();
    Thread.sleep(LEASE);
    kube.revive();
    second.awaitLeads(Duration.ofSeconds(5));
    assertThat(first.leads()).isFalse();
    assertThat(supervisor.trouble()).isEmpty();
  }

  @Test
  void a_leader_keeps_a_lease_that_an_installer_emptied() throws Exception {
    keepsLeadingAfter(() ->
        client.resource(new LeaseBuilder(stored()).withSpec(new LeaseSpec()).build()).update());
  }

  @Test
  void a_leader_keeps_a_lease_that_somebody_deleted() throws Exception {
    keepsLeadingAfter(() ->
        client
            .leases()
            .inNamespace("default")
            .withName(CONFIG.leaderElection().leaseName())
            .delete());
  }

  private void keepsLeadingAfter(Runnable interference) throws Exception {
    Replica first = new Replica("first", kube.url());
    first.awaitLeads(Duration.ofSeconds(5));
    Replica second = new Replica("second", kube.url());
    Thread.sleep(700);
    interference.run();
    for (int i = 0; i < 100; i++) {
      assertThat(first.leads()).isTrue();
      assertThat(second.leads()).isFalse();
      Thread.sleep(10);
    }
    assertThat(stored().getSpec().getHolderIdentity()).isEqualTo("first");
    assertThat(first.lost).isZero();
  }

  @Test
  void who_goes_frees_the_lease() {
    Replica first = new Replica("first", kube.url());
    first.awaitLeads(Duration.ofSeconds(5));
    Replica second = new Replica("second", kube.url());
    long begin = System.nanoTime();
    first.election.release();
    assertThat(first.leads()).isFalse();
    second.awaitLeads(Duration.ofSeconds(2));
    assertThat(Duration.ofNanos(second.led - begin)).isLessThan(Duration.ofSeconds(1));
    assertThat(first.lost).isZero();
  }

  @Test
  void who_may_not_use_the_lease_says_so_and_leads_when_it_may() {
    kube.forbid(asked -> asked.resource().equals("leases"));
    Replica replica = new Replica("a", kube.url());
    await().until(() -> replica.election.trouble().isPresent());
    assertThat(replica.election.trouble())
        .hasValueSatisfying(told ->
            assertThat(told)
                .contains("may not use the Lease default/harbor-preheat-operator", "Role"));
    kube.forbid(_ -> false);
    replica.awaitLeads(Duration.ofSeconds(5));
    assertThat(replica.election.trouble()).isEmpty();
  }

  private TcpProxy network() throws Exception {
    TcpProxy network = new TcpProxy(URI.create(kube.url()).getPort());
    opened.add(network);
    return network;
  }

  private Lease stored() {
    return client
        .leases()
        .inNamespace("default")
        .withName(CONFIG.leaderElection().leaseName())
        .require();
  }

  private static Lease lease(LeaseSpec spec) {
    return new LeaseBuilder()
        .withNewMetadata()
        .withName(CONFIG.leaderElection().leaseName())
        .withNamespace("default")
        .endMetadata()
        .withSpec(spec)
        .build();
  }
}
