package io.goharbor.preheat.e2e.driver;

import io.goharbor.preheat.e2e.driver.FaultRow.Outcome;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.provider.P2PDriver;
import io.goharbor.preheat.provider.RunningJob;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Rows about Kraken, by what each lets go wrong; every row has a Kraken of its own. */
final class KrakenRows {
  static final Predicate<Ask> PREFETCH = ends("/prefetch");
  static final Predicate<Ask> LOCATIONS = ends("/locations");
  static final Predicate<Ask> STAT = ends("?local=true");
  private static final Predicate<Ask> NOTIFY = ends("/registry/notifications");

  private final List<FaultRow> rows = new ArrayList<>();

  /** All rows so far. */
  List<FaultRow> all() {
    return List.copyOf(rows);
  }

  void evict(String behaviour, Predicate<Ask> when, Fault fault) {
    row(
        behaviour,
        Outcome.LOOKED_AGAIN,
        bench -> {
          bench.atOrigins(when, fault);
          return bench.driver().evict(KrakenBench.order(bench.image("web", 1)));
        });
  }

  static Predicate<Ask> ends(String with) {
    return ask -> ask.toString().endsWith(with);
  }

  /** Brings a fault about and returns the driver's answer. */
  interface Act {
    Object on(KrakenBench bench);
  }

  void send(String behaviour, Predicate<Ask> when, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.atOrigins(when, fault);
          return bench.driver().submit(KrakenBench.order(bench.image("web", 1)));
        });
  }

  void notification(String behaviour, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.kraken.proxy().faults().always(NOTIFY, fault);
          return bench.blindDriver().submit(KrakenBench.order(bench.image("web", 1)));
        });
  }

  void look(String behaviour, Predicate<Ask> when, Fault fault, Outcome expected) {
    row(
        behaviour,
        expected,
        bench -> {
          bench.kraken.lying(true);
          P2PDriver driver = bench.driver();
          RunningJob job = KrakenBench.send(driver, bench.image("web", 1));
          bench.atOrigins(when, fault);
          return KrakenBench.look(driver, job);
        });
  }

  void row(String behaviour, Outcome expected, Act act) {
    row(behaviour, expected, UnaryOperator.identity(), act);
  }

  void row(String behaviour, Outcome expected, UnaryOperator<KrakenSetup> setup, Act act) {
    Callable<Object> run =
        () -> {
          try (KrakenBench bench = new KrakenBench(setup)) {
            return act.on(bench);
          }
        };
    rows.add(new FaultRow(behaviour, expected, run));
  }
}
