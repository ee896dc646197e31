package io.goharbor.preheat.importer;

import org.jspecify.annotations.Nullable;

/**
 * What the objects are to be like, as the command line says it.
 *
 * @param url base URL of Harbor
 * @param namespace null: none is written
 * @param registryName name of the HarborRegistry
 * @param customCa whether Harbor's certificate is from an authority that had to be named
 * @param skipVerify whether any certificate of Harbor was accepted
 * @param webhookAddress how Harbor will reach the operator; null: no webhook is written
 * @param suspend whether all policies are to be suspended
 */
record ImportSetup(
    String url,
    @Nullable String namespace,
    String registryName,
    boolean customCa,
    boolean skipVerify,
    @Nullable String webhookAddress,
    boolean suspend) {

  /** The kubectl command, set in, that creates something in the namespace. */
  String creating(String rest) {
    return "  kubectl create " + rest + (namespace == null ? "" : " --namespace " + namespace);
  }
}
