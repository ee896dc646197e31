package io.goharbor.preheat.engine;

import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.PreheatOrder;
import java.util.stream.Stream;

/** What the engine knows of tasks beyond their keys, from present caches at the moment of use. */
public interface TaskDirectory {
  /** The order for some work, with the registry's present address and credentials. */
  PreheatOrder order(Work work) throws RemoteCallException;

  /** What stored executions have in flight at a provider. */
  Stream<Work> inFlight(ObjectKey provider);

  /** Takes what happened, and has the execution reconciled. Must not block. */
  void happened(TaskEvent event);

  /** Has an execution reconciled, since there may be slots for it. Must not block. */
  void wake(ObjectKey execution);
}
