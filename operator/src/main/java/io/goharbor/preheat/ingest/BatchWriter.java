package io.goharbor.preheat.ingest;

import java.util.ArrayDeque;
import java.util.Deque;

/** Stores a batch, and tells its events what came of it. */
final class BatchWriter {
  /**
   * Creates for one batch at most. One bad event among two hundred is found with sixteen; when so
   * many do not settle it, most events are bad.
   */
  private static final int MAX_CREATES = 64;

  private final ExecutionStore store;
  private final EventMemory memory;

  BatchWriter(ExecutionStore store, EventMemory memory) {
    this.store = store;
    this.memory = memory;
  }

  /**
   * Where the API server refuses what is in a batch, the batch is halved, and so on, until what
   * cannot be stored stands alone: it fails, and its neighbours are stored. Does not throw, unless
   * an Error comes up.
   */
  void write(Batch whole) {
    Deque<Batch> parts = new ArrayDeque<>();
    parts.add(whole);
    for (int creates = 1; !parts.isEmpty(); creates++) {
      Batch part = parts.remove();
      try {
        String name = part.store(store);
        memory.stored(part, name);
        part.succeed(name);
      } catch (ExecutionStore.RefusedException e) {
        if (part.size() > 1 && creates < MAX_CREATES) {
          for (Batch half : part.halves()) {
            memory.opened(half);
            parts.add(half);
          }
        } else {
          memory.refused(part);
          part.fail(e);
        }
      } catch (RuntimeException | Error e) {
        part.fail(e);
        if (e instanceof Error) {
          parts.forEach(left -> left.fail(e));
          throw e;
        }
      }
    }
  }
}
