package io.goharbor.preheat.e2e.sim.dragonfly;

import java.util.Set;

/** Versions of Dragonfly, as far as they differ on the wire. */
public enum ManagerVersion {
  /** Dragonfly 1: a supernode, which has the legacy preheats only. */
  V1_0,
  /** 2.1.5x: an Open API for preheats, results without peers; legacy preheats beside it. */
  V2_1,
  /** 2.3.0: results for each blob, no addresses; legacy preheats beside it. */
  V2_3,
  /** 2.4.1 to 2.5.1. */
  V2_5,
  /** After 2.5.1: preheats can ask for ids by blob digest. */
  V2_6;

  private static final Set<String> SINCE_2_3 =
      Set.of("urls", "piece_length", "application", "count", "percentage");
  private static final Set<String> SINCE_2_3_1 =
      Set.of("ips", "concurrent_task_count", "concurrent_peer_count");
  private static final String SINCE_2_6 = "enable_task_id_based_blob_digest";

  private static final Set<String> TYPES_SINCE_2_3 =
      Set.of("sync_peers", "get_task", "delete_task", "gc");
  private static final String TYPE_SINCE_2_4 = "get_image_distribution";

  boolean legacy() {
    return compareTo(V2_5) < 0;
  }

  boolean openApi() {
    return this != V1_0;
  }

  boolean knowsType(String type) {
    return type.equals("preheat")
        || (TYPES_SINCE_2_3.contains(type) && compareTo(V2_3) >= 0)
        || (type.equals(TYPE_SINCE_2_4) && compareTo(V2_5) >= 0);
  }

  /** Arguments that a version does not know are passed over, and not repeated. */
  boolean knowsArgument(String name) {
    ManagerVersion since =
        SINCE_2_3.contains(name)
            ? V2_3
            : SINCE_2_3_1.contains(name) ? V2_5 : name.equals(SINCE_2_6) ? V2_6 : V2_1;
    return compareTo(since) >= 0;
  }

  /** Whether results are written for each blob in place of each cluster. */
  boolean blobByBlob() {
    return this == V2_3;
  }

  /** Whether results have Go's field names and name no peers. */
  boolean goNames() {
    return this == V2_1;
  }
}
