package io.goharbor.preheat.e2e.hostile;

/** Secrets that a tenant would like to have. */
class StolenSecretsTest extends OnEmbeddedCluster implements StolenSecretsRows, CraftedPathsRows {}
