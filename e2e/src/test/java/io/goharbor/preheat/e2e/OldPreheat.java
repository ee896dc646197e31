package io.goharbor.preheat.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.goharbor.preheat.e2e.harbor.PreheatCalls;
import io.goharbor.preheat.harbor.HarborPreheat;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import java.io.IOException;
import java.util.Map;

/**
 * Sets Harbor's own preheating up, through its REST API.
 *
 * @param user an account that may do everything
 */
public record OldPreheat(String url, String user, String secret) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Creates an instance and returns its id. */
  public long instance(
      String name, String vendor, String endpoint, String mode, Map<String, String> auth)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("name", name)
        .put("vendor", vendor)
        .put("endpoint", endpoint)
        .put("auth_mode", mode)
        .put("enabled", true)
        .put("insecure", endpoint.startsWith("https"))
        .set("auth_info", JSON.valueToTree(auth));
    post("/p2p/preheat/instances", body);
    return new HarborPreheat(
            new HttpClients()
                .open(
                    "Harbor",
                    ConnectionSettings.of(
                        url, new Credential.Basic(user, secret), TlsSettings.SYSTEM, 1000)))
        .instances().stream()
            .filter(instance -> instance.name().equals(name))
            .findFirst()
            .orElseThrow()
            .id();
  }

  /** Creates a policy; filters, trigger and extra attributes are put into text, as Harbor wants. */
  public void policy(
      String project,
      String name,
      long instance,
      boolean enabled,
      String filters,
      String trigger,
      String extra)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("name", name)
        .put("provider_id", instance)
        .put("enabled", enabled)
        .put("filters", filters)
        .put("trigger", trigger)
        .put("extra_attrs", extra);
    post("/projects/" + project + "/preheat/policies", body);
  }

  private void post(String path, ObjectNode body) throws IOException, InterruptedException {
    assertThat(PreheatCalls.post(url, user, secret, path, body.toString()))
        .as("%s %s", path, body)
        .isEqualTo(201);
  }
}
