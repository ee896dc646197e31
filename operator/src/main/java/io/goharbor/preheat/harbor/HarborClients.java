package io.goharbor.preheat.harbor;

import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.SpecCheck;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RequestListener;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.kube.SecretMissingException;
import io.goharbor.preheat.kube.Secrets;
import java.util.concurrent.ConcurrentHashMap;

/** One client for each HarborRegistry, opened again when its spec or its secrets change. */
public final class HarborClients {
  private record Open(ConnectionSettings settings, String pullUrl, HarborClient client) {}

  private final HttpClients clients;
  private final Secrets secrets;
  private final ConcurrentHashMap<ObjectKey, Open> open = new ConcurrentHashMap<>();

  /** Clients whose credentials come from the given secrets. */
  public HarborClients(HttpClients clients, Secrets secrets) {
    this.clients = clients;
    this.secrets = secrets;
  }

  /**
   * The client of a registry.
   *
   * @throws SecretMissingException when the Secret or CA bundle that the spec names is missing
   * @throws io.goharbor.preheat.api.InvalidSpecException when a name in the spec can be none
   * @throws HttpClients.TlsSettingsException when the CA bundle cannot be used
   */
  public HarborClient get(ObjectKey registry, HarborRegistrySpec spec)
      throws SecretMissingException {
    SpecCheck.check(spec);
    ConnectionSettings settings =
        ConnectionSettings.of(
            spec.url(),
            secrets.basicAuth(registry.namespace(), spec.credentialsSecretRef()),
            secrets.tls(registry.namespace(), spec.tls()),
            spec.requestLimit());
    return open.compute(
            registry,
            (key, before) ->
                before != null
                        && before.settings().equals(settings)
                        && before.pullUrl().equals(spec.pullUrl())
                    ? before
                    : open(key, settings, spec.pullUrl()))
        .client();
  }

  /** Forgets a registry that was deleted. */
  public void close(ObjectKey registry) {
    open.remove(registry);
  }

  private Open open(ObjectKey registry, ConnectionSettings settings, String pullUrl) {
    HttpClients counted =
        clients.inNameOf(new RequestListener.Subject("registry", registry.toString()));
    return new Open(
        settings, pullUrl, new HarborClient(counted.open("Harbor " + registry, settings), pullUrl));
  }
}
