package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.e2e.kube.RealKube;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.time.Instant;
import java.util.function.BiConsumer;

/** A real API server and its faults; who wrote is in its audit log. */
record RealApi(RealKube kube) implements FaultyApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LOOK_MILLIS = 200;

  @Override
  public int port() {
    return kube.port();
  }

  @Override
  public String kubeconfig(String replica, int at) {
    return kube.kubeconfig("replica-" + replica, at);
  }

  /** Etcd is held still, so writes hang and are done after all. */
  @Override
  public void slowWrites(boolean slow) throws Exception {
    kube.freezeStore(slow);
  }

  /** The server is held still: connections stand, and nothing is answered. */
  @Override
  public void unavailable(boolean gone) throws Exception {
    kube.freeze(gone);
  }

  @Override
  public void kill() throws Exception {
    kube.kill();
  }

  @Override
  public void revive() throws Exception {
    kube.revive();
  }

  @Override
  public AutoCloseable executions(BiConsumer<JsonNode, Boolean> sink) {
    KubernetesClient client = kube.client();
    SharedIndexInformer<PreheatExecution> informer =
        client.resources(PreheatExecution.class).inAnyNamespace().runnableInformer(0);
    informer.exceptionHandler((running, failure) -> true);
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(PreheatExecution execution) {
            tell(execution, false);
          }

          @Override
          public void onUpdate(PreheatExecution before, PreheatExecution execution) {
            tell(execution, false);
          }

          @Override
          public void onDelete(PreheatExecution execution, boolean unknown) {
            tell(execution, true);
          }

          private void tell(PreheatExecution execution, boolean deleted) {
            sink.accept(
                Serialization.unmarshal(Serialization.asJson(execution), JsonNode.class), deleted);
          }
        });
    informer.start();
    return () -> {
      informer.stop();
      client.close();
    };
  }

  @Override
  public AutoCloseable leases(LeaderBook leaders) {
    Thread looking =
        Thread.ofPlatform()
            .name("lease-looks")
            .start(() -> {
              try (KubernetesClient client = kube.client()) {
                while (true) {
                  Thread.sleep(LOOK_MILLIS);
                  look(client, leaders);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return looking::interrupt;
  }

  private static void look(KubernetesClient client, LeaderBook leaders) {
    try {
      Lease lease =
          client.leases().inNamespace("default").withName("harbor-preheat-operator").get();
      if (lease != null && lease.getSpec() != null) {
        String holder = lease.getSpec().getHolderIdentity();
        leaders.holder(holder == null ? "" : holder);
      }
    } catch (KubernetesClientException e) {
      // It is away.
    }
  }

  @Override
  public void writes(LeaderBook leaders) throws Exception {
    try (BufferedReader lines = Files.newBufferedReader(kube.auditLog())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        audited(JSON.readTree(line), leaders);
      }
    }
  }

  private static void audited(JsonNode event, LeaderBook leaders) {
    String user = event.path("user").path("username").asText();
    if (!event.path("stage").asText().equals("ResponseComplete")
        || !RealKube.USERS.contains(user)) {
      return;
    }
    String verb = event.path("verb").asText();
    JsonNode object = event.path("objectRef");
    String subresource = object.path("subresource").asText();
    String resource =
        object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource);
    if (resource.equals("leases")) {
      JsonNode spec = event.path("responseObject").path("spec");
      if (event.path("responseStatus").path("code").asInt() / 100 == 2 && spec.has("renewTime")) {
        leaders.held(
            spec.path("holderIdentity").asText(""), Instant.parse(spec.path("renewTime").asText()));
      }
    } else if (!verb.equals("create") && !LeaderBook.WRITTEN_BY_ALL.contains(resource)) {
      leaders.acted(
          user.substring("replica-".length()),
          Instant.parse(event.path("requestReceivedTimestamp").asText()),
          verb + " " + resource);
    }
  }
}
