package io.goharbor.preheat.runtime;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.goharbor.preheat.http.AbruptSockets;
import io.goharbor.preheat.http.SendGate;
import io.goharbor.preheat.kube.EscapedWatches;
import io.goharbor.preheat.kube.RetryAfter;
import io.goharbor.preheat.kube.SharedStrings;
import java.time.Duration;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;

/**
 * The three clients of the Kubernetes API, with connections of their own, so that none waits for
 * another's.
 *
 * @param main fills the caches, and writes as long as this replica leads
 * @param ingest for what every replica does while Harbor waits: no call is repeated
 * @param lease for the election: calls end well before its deadline
 */
record KubernetesClients(KubernetesClient main, KubernetesClient ingest, KubernetesClient lease)
    implements AutoCloseable {

  /** Of the calls that a leader may try before its deadline. */
  private static final int LEASE_CALLS = 3;

  static KubernetesClients open(Config kubernetes, OperatorConfig config, SendGate gate) {
    return new KubernetesClients(
        client(kubernetes, gate.writes()),
        client(bounded(kubernetes, config.ingest().apiTimeout()), SendGate.OPEN.writes()),
        client(
            // Of a connection that hangs, HTTP/2 would give the next call a stream.
            new ConfigBuilder(
                    bounded(
                        kubernetes, config.leaderElection().renewDeadline().dividedBy(LEASE_CALLS)))
                .withHttp2Disable(true)
                .build(),
            SendGate.OPEN.writes()));
  }

  private static Config bounded(Config kubernetes, Duration call) {
    int millis = Math.toIntExact(call.toMillis());
    return new ConfigBuilder(kubernetes)
        .withConnectionTimeout(millis)
        .withRequestTimeout(millis)
        .withRequestRetryBackoffLimit(0)
        .build();
  }

  private static KubernetesClient client(Config config, Interceptor last) {
    // Named, because the service lookup would prefer another HTTP client on the class path.
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(
            new OkHttpClientFactory() {
              @Override
              protected void additionalConfig(OkHttpClient.Builder builder) {
                builder.socketFactory(new AbruptSockets()).addNetworkInterceptor(last);
              }
            })
        .withHttpClientBuilderConsumer(http -> {
          http.addOrReplaceInterceptor("escaped-watches", new EscapedWatches());
          // Where no call is repeated, the caller is not to wait either.
          if (config.getRequestRetryBackoffLimit() != 0) {
            http.addOrReplaceInterceptor("retry-after", new RetryAfter());
          }
        })
        .withKubernetesSerialization(
            new KubernetesSerialization(
                new ObjectMapper().registerModule(SharedStrings.module()), true))
        .build();
  }

  @Override
  public void close() {
    lease.close();
    ingest.close();
    main.close();
  }
}
