package io.goharbor.preheat.kube;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What reconciles need from other systems, done outside the threads that reconcile: a reconcile
 * asks for it, returns, and is woken when it is there. However long a system takes to answer, it
 * keeps no other object from being reconciled.
 *
 * <p>Each object has at most one piece of work under way. A namespace has a limited number; its
 * other objects wait in a queue of its own, as entries and not as threads. Beyond the limit for all
 * together, the namespace with the fewest goes first.
 *
 * @param <T> what comes of it
 */
public final class RemoteWork<T> {
  /**
   * How much is done at the same time.
   *
   * @param ofNamespace for objects of one namespace
   * @param ofAll for all together
   */
  public record Limits(int ofNamespace, int ofAll) {}

  /** Where a piece of work stands. */
  public sealed interface State<T> {
    /** It ended; whoever asks once more has it done once more. */
    record Done<T>(T result) implements State<T> {}

    /** It is being done. */
    record UnderWay<T>() implements State<T> {}

    /** It waits for other objects of its namespace. */
    record Queued<T>() implements State<T> {}
  }

  /** What an object wants, and what came of it. */
  private final class Entry {
    private final ObjectKey key;
    private Object input;
    private Supplier<T> work;
    private boolean underWay;
    private @Nullable Outcome<T> outcome;
    private @Nullable Runnable afterwards;

    Entry(ObjectKey key, Object input, Supplier<T> work) {
      this.key = key;
      this.input = input;
      this.work = work;
    }
  }

  private record Outcome<T>(@Nullable T result, @Nullable RuntimeException failure) {
    T get() {
      if (failure != null) {
        throw failure;
      }
      return Objects.requireNonNull(result);
    }
  }

  /** The objects of a namespace that wait, and how many are under way. */
  private final class Line {
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private int underWay;
  }

  private final String name;
  private final Limits limits;
  private final Map<ObjectKey, Entry> entries = new HashMap<>();
  private final Map<String, Line> lines = new LinkedHashMap<>();
  private volatile Consumer<ObjectKey> waker;
  private int underWay;

  /**
   * None yet.
   *
   * @param name of the work, for its threads
   * @param waker wakes an object whose work ended
   */
  public RemoteWork(String name, Limits limits, Consumer<ObjectKey> waker) {
    this.name = name;
    this.limits = limits;
    this.waker = waker;
  }

  /** Sets how an object is woken; called when its controller starts. */
  public void wakeBy(Consumer<ObjectKey> how) {
    waker = how;
  }

  /**
   * Gives the result, or has the work done and gives where it stands.
   *
   * @param input what the result depends on; one of another input is not given but made again
   * @throws RuntimeException that the work threw
   */
  public synchronized State<T> ask(ObjectKey key, Object input, Supplier<T> work) {
    Entry entry = entries.get(key);
    Outcome<T> outcome = entry == null ? null : entry.outcome;
    if (entry != null && outcome != null) {
      entries.remove(key);
      if (entry.input.equals(input)) {
        return new State.Done<>(outcome.get());
      }
      entry = null;
    }
    if (entry == null) {
      entry = new Entry(key, input, work);
      entries.put(key, entry);
      lines.computeIfAbsent(key.namespace(), namespace -> new Line()).waiting.add(entry);
      startNext();
    } else if (!entry.underWay) {
      entry.input = input;
      entry.work = work;
    }
    return entry.underWay ? new State.UnderWay<>() : new State.Queued<>();
  }

  /** Objects whose work is being done, waits, or has ended and was not asked for since. */
  public synchronized int size() {
    return entries.size();
  }

  /** Whether an object's work is being done. */
  public synchronized boolean underWay(ObjectKey key) {
    Entry entry = entries.get(key);
    return entry != null && entry.underWay;
  }

  /**
   * Forgets an object, once its work has ended if that is being done.
   *
   * @param afterwards what is to be done when nothing is being done for the object any more
   */
  public void forget(ObjectKey key, Runnable afterwards) {
    synchronized (this) {
      Entry entry = entries.get(key);
      if (entry != null && entry.underWay) {
        entry.afterwards = afterwards;
        return;
      }
      if (entry != null) {
        entries.remove(key);
        Line line = lines.get(key.namespace());
        if (line != null) {
          line.waiting.remove(entry);
          dropIfIdle(key.namespace(), line);
        }
      }
    }
    afterwards.run();
  }

  private void startNext() {
    while (underWay < limits.ofAll()) {
      Optional<String> namespace = next();
      if (namespace.isEmpty()) {
        return;
      }
      // To the end of the row: among equals the one that began longest ago goes first.
      Line line = Objects.requireNonNull(lines.remove(namespace.get()));
      lines.put(namespace.get(), line);
      Entry entry = line.waiting.remove();
      entry.underWay = true;
      line.underWay++;
      underWay++;
      Thread.ofVirtual().name(name + "-" + entry.key).start(() -> run(entry));
    }
  }

  private Optional<String> next() {
    String best = null;
    int fewest = limits.ofNamespace();
    for (Map.Entry<String, Line> line : lines.entrySet()) {
      if (!line.getValue().waiting.isEmpty() && line.getValue().underWay < fewest) {
        best = line.getKey();
        fewest = line.getValue().underWay;
      }
    }
    return Optional.ofNullable(best);
  }

  private void run(Entry entry) {
    Outcome<T> outcome =
        new Outcome<>(null, new IllegalStateException("the work for " + entry.key + " broke off"));
    try {
      outcome = new Outcome<>(entry.work.get(), null);
    } catch (RuntimeException e) {
      outcome = new Outcome<>(null, e);
    } finally {
      ended(entry, outcome);
    }
  }

  private void ended(Entry entry, Outcome<T> outcome) {
    Runnable afterwards;
    synchronized (this) {
      underWay--;
      Line line = Objects.requireNonNull(lines.get(entry.key.namespace()));
      line.underWay--;
      dropIfIdle(entry.key.namespace(), line);
      entry.underWay = false;
      entry.outcome = outcome;
      afterwards = entry.afterwards;
      if (afterwards != null) {
        entries.remove(entry.key);
      }
      startNext();
    }
    if (afterwards != null) {
      afterwards.run();
    }
    waker.accept(entry.key);
  }

  private void dropIfIdle(String namespace, Line line) {
    if (line.waiting.isEmpty() && line.underWay == 0) {
      lines.remove(namespace);
    }
  }
}
