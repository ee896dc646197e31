package io.goharbor.preheat.provider.dragonfly;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What is read of a cluster: the id of its scheduler cluster, which jobs are addressed to. */
record Cluster(@JsonProperty("scheduler_cluster_id") long scheduler) {}
