package io.goharbor.preheat.ingest;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores a batch, and tells its events what came of it. */
final class EventBatchWriter {
  private static final Logger log = LoggerFactory.getLogger(EventBatchWriter.class);

  /**
   * Creates for a batch, at least and for each of its events. One bad event among two hundred is
   * found with sixteen; when so many do not settle it, most events are bad.
   */
  private static final int FEW_CREATES = 16;

  private static final double CREATES_FOR_EACH = 1 / 3.0;

  private final ExecutionStore store;
  private final DedupCache memory;

  EventBatchWriter(ExecutionStore store, DedupCache memory) {
    this.store = store;
    this.memory = memory;
  }

  /**
   * Where the API server refuses a batch for what is in it, the batch is halved, and so on, until
   * what cannot be stored stands alone: it fails, and its neighbours are stored. Does not throw,
   * unless an Error comes up.
   */
  void write(EventBatch whole) {
    double most = Math.max(FEW_CREATES, whole.size() * CREATES_FOR_EACH);
    Deque<EventBatch> parts = new ArrayDeque<>();
    parts.add(whole);
    for (int creates = 1; !parts.isEmpty(); creates++) {
      EventBatch part = parts.remove();
      try {
        String name = part.store(store);
        memory.stored(part.marks(), name);
        part.succeed(name);
        log.atInfo()
            .addKeyValue("execution", name)
            .addKeyValue("events", part.size())
            .log("Events stored");
      } catch (ExecutionStore.RefusedException e) {
        if (e.ofContent() && part.size() > 1 && creates < most) {
          for (EventBatch half : part.halves()) {
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
