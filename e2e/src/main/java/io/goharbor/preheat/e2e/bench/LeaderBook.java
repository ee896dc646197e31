package io.goharbor.preheat.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who led when, by the Lease, and who acted as a leader, by what arrived at the servers. */
final class LeaderBook {
  private record Act(long at, String replica, String what) {}

  private final List<Kubelet> replicas;
  private final TreeMap<Long, String> holders = new TreeMap<>();
  private final List<Act> acts = new ArrayList<>();
  private volatile String holder = "";
  private long leaderless;
  private long longest;

  LeaderBook(List<Kubelet> replicas) {
    this.replicas = replicas;
  }

  /** The Lease was stored. */
  synchronized void lease(JsonNode lease, boolean deleted) {
    String now = deleted ? "" : lease.path("spec").path("holderIdentity").asText("");
    if (!now.equals(holder)) {
      holder = now;
      holders.put(System.nanoTime(), now);
    }
  }

  /** A replica wrote something that only a leader writes. */
  synchronized void wrote(String replica, String what) {
    acts.add(new Act(System.nanoTime(), replica, what));
  }

  /** A replica sent something to Harbor or a provider; told by the port that it sent from. */
  void sent(int port, String to) {
    long at = System.nanoTime();
    owner(port)
        .ifPresent(replica -> {
          synchronized (this) {
            acts.add(new Act(at, replica.name(), "request to " + to));
          }
        });
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

  /** What came of it; acts by one who no longer held the Lease are two leaders. */
  synchronized Map<String, Number> entries() {
    long two = 0;
    int late = 0;
    int judged = 0;
    for (Act act : acts) {
      Map.Entry<Long, String> at = holders.floorEntry(act.at());
      if (at == null || at.getValue().isEmpty()) {
        continue;
      }
      judged++;
      if (!at.getValue().startsWith(act.replica() + "-")) {
        late++;
        two = Math.max(two, act.at() - at.getKey());
        System.out.println(
            act.replica()
                + " acted "
                + Duration.ofNanos(act.at() - at.getKey()).toMillis()
                + " ms after "
                + at.getValue()
                + " took the Lease: "
                + act.what());
      }
    }
    Map<String, Number> entries = new LinkedHashMap<>();
    entries.put("changes of leader", Math.max(0, holders.size() - 1));
    entries.put("what leaders wrote and sent", judged);
    entries.put(
        "seconds without a leader while the API was well, longest",
        Duration.ofNanos(longest).toMillis() / 1000.0);
    entries.put("acts of a replica that another had followed", late);
    entries.put(
        "seconds with two leaders, by what they wrote and sent",
        Duration.ofNanos(two).toMillis() / 1000.0);
    return entries;
  }

  /** By what Linux tells of sockets; empty: none of the replicas has it, or has it any more. */
  private Optional<Kubelet> owner(int port) {
    String hex = ":%04X".formatted(port);
    for (Kubelet replica : replicas) {
      Path process = Path.of("/proc", Long.toString(replica.process().handle().pid()));
      String inode = inode(process, hex);
      if (inode != null && has(process, inode)) {
        return Optional.of(replica);
      }
    }
    return Optional.empty();
  }

  private static @Nullable String inode(Path process, String localPort) {
    for (String table : List.of("tcp6", "tcp")) {
      try (Stream<String> lines = Files.lines(process.resolve("net").resolve(table))) {
        String inode =
            lines
                .map(line -> line.trim().split("\\s+"))
                .filter(columns -> columns.length > 9 && columns[1].endsWith(localPort))
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
