package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.TlsSettings;
import java.time.InstantSource;

/**
 * What a driver is opened with: the provider's spec with its secrets resolved.
 *
 * @param name the provider, as namespace/name
 * @param credential how to sign in
 */
public record DriverSettings(
    String name,
    P2PProviderSpec spec,
    Credential credential,
    TlsSettings tls,
    HttpClients clients,
    InstantSource clock) {}
