package io.goharbor.preheat.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who led when, by the Lease, and who acted as a leader, by what arrived at the servers. */
final class LeaderBook {
  /** What every replica writes: the election, and when it was heard of a registry. */
  static final Set<String> WRITTEN_BY_ALL = Set.of("leases", "harborregistries/status");

  private record Act(Instant at, String replica, String what) {}

  private final List<Kubelet> replicas;
  private final TreeMap<Instant, String> holders = new TreeMap<>();
  private final List<Act> acts = new ArrayList<>();
  private volatile String holder = "";
  private long leaderless;
  private long longest;

  LeaderBook(List<Kubelet> replicas) {
    this.replicas = replicas;
  }

  /** Who holds the Lease now. */
  void holder(String now) {
    holder = now;
  }

  /** The replica that holds the Lease now, or any. */
  Kubelet leader() {
    String now = holder;
    return replicas.stream()
        .filter(replica -> replica.isHolder(now))
        .findAny()
        .orElseGet(replicas::getFirst);
  }

  /** Who held the Lease from a moment on. */
  synchronized void held(String identity, Instant from) {
    holders.put(from, identity);
  }

  /** A replica did something that only a leader does. */
  synchronized void acted(String replica, Instant at, String what) {
    acts.add(new Act(at, replica, what));
  }

  /**
   * A replica sent something to Harbor or a provider.
   *
   * @param from the port that it sent from
   * @param to the port that it sent to; two connections may share one of both, not both
   */
  void sent(int from, int to, String server) {
    Instant at = Instant.now();
    owner(from, to).ifPresent(replica -> acted(replica.name(), at, "request to " + server));
  }

  /** Looks every now and then whether there is a leader while there could be one. */
  Thread watch(BooleanSupplier well) {
    return Thread.ofPlatform()
        .name("leader-book")
        .start(() -> {
          try {
            while (true) {
              Thread.sleep(20);
              look(well.getAsBoolean());
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private synchronized void look(boolean well) {
    boolean led = replicas.stream().anyMatch(replica -> replica.isHolder(holder));
    long now = System.nanoTime();
    if (led || !well) {
      leaderless = now;
    }
    if (leaderless == 0) {
      leaderless = now;
    }
    longest = Math.max(longest, now - leaderless);
  }

  /** What came of it; acts by one whom another had followed are two leaders. */
  synchronized Map<String, Number> entries() {
    Duration two = Duration.ZERO;
    int late = 0;
    int judged = 0;
    for (Act act : acts) {
      Map.Entry<Instant, String> at = holders.floorEntry(act.at());
      if (at == null || at.getValue().isEmpty()) {
        continue;
      }
      judged++;
      if (!at.getValue().startsWith(act.replica() + "-")) {
        late++;
        Duration after = Duration.between(taken(at), act.at());
        two = two.compareTo(after) < 0 ? after : two;
        System.out.printf(
            "%s acted %d ms after %s took the Lease: %s%n",
            act.replica(), after.toMillis(), at.getValue(), act.what());
      }
    }
    Map<String, Number> entries = new LinkedHashMap<>();
    entries.put("changes of leader", changes());
    entries.put("what leaders wrote and sent", judged);
    entries.put(
        "seconds without a leader while the API was well, longest",
        Duration.ofNanos(longest).toMillis() / 1000.0);
    entries.put("acts of a replica that another had followed", late);
    entries.put("seconds with two leaders, by what they wrote and sent", two.toMillis() / 1000.0);
    return entries;
  }

  /** When a holder took the Lease that it held at a moment. */
  private Instant taken(Map.Entry<Instant, String> at) {
    Instant first = at.getKey();
    for (Map.Entry<Instant, String> before :
        holders.headMap(first, false).descendingMap().entrySet()) {
      if (!before.getValue().equals(at.getValue())) {
        break;
      }
      first = before.getKey();
    }
    return first;
  }

  private long changes() {
    List<String> all = holders.values().stream().filter(holder -> !holder.isEmpty()).toList();
    return IntStream.range(1, all.size()).filter(i -> !all.get(i).equals(all.get(i - 1))).count();
  }

  /** By what Linux tells of sockets; empty: none of the replicas has it, or has it any more. */
  private Optional<Kubelet> owner(int from, int to) {
    for (Kubelet replica : replicas) {
      Path process = Path.of("/proc", Long.toString(replica.process().handle().pid()));
      String inode = inode(process, ":%04X".formatted(from), ":%04X".formatted(to));
      if (inode != null && has(process, inode)) {
        return Optional.of(replica);
      }
    }
    return Optional.empty();
  }

  private static @Nullable String inode(Path process, String local, String remote) {
    for (String table : List.of("tcp6", "tcp")) {
      try (Stream<String> lines = Files.lines(process.resolve("net").resolve(table))) {
        String inode =
            lines
                .map(line -> line.trim().split("\\s+"))
                .filter(columns -> columns.length > 9)
                .filter(columns -> columns[1].endsWith(local) && columns[2].endsWith(remote))
                .map(columns -> columns[9])
                .findFirst()
                .orElse(null);
        if (inode != null) {
          return inode;
        }
      } catch (IOException | UncheckedIOException e) {
        // It ended.
      }
    }
    return null;
  }

  private static boolean has(Path process, String inode) {
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return open.anyMatch(link -> {
        try {
          return Files.readSymbolicLink(link).toString().equals("socket:[" + inode + "]");
        } catch (IOException e) {
          return false;
        }
      });
    } catch (IOException e) {
      return false;
    }
  }
}
