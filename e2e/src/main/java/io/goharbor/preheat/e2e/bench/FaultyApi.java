package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.e2e.kube.Kube;
import java.util.function.BiConsumer;

/** An API server that can be made to fail, and tells what reached it. */
interface FaultyApi {
  /** The server. */
  Kube kube();

  int port();

  /**
   * A kubeconfig for a replica.
   *
   * @param replica a or b
   * @param at the port under which it reaches the server
   */
  String kubeconfig(String replica, int at);

  /** Writes take longer than a client waits, or do not any more. */
  void slowWrites(boolean slow) throws Exception;

  /** Requests get nothing useful, or do again. */
  void unavailable(boolean gone) throws Exception;

  void kill() throws Exception;

  void revive() throws Exception;

  /** Tells each change of an execution, and whether it was deleted, until it is closed. */
  AutoCloseable executions(BiConsumer<JsonNode, Boolean> sink);

  /** Begins to tell who holds the Lease, until it is closed. */
  AutoCloseable leases(LeaderBook leaders);

  /** Tells what only leaders write, if it was not told at once. */
  void writes(LeaderBook leaders) throws Exception;
}
