package io.goharbor.preheat.e2e.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH measures for {@link Match}; it must be public and not final for that. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MatchTimes {
  /** Number of policies. */
  @Param({"100", "1000", "10000"})
  public int policies;

  // JMH makes the policies before it measures.
  @SuppressWarnings("NullAway.Init")
  private MatchData data;

  /** Makes the policies. */
  @Setup
  public void makePolicies() {
    data = new MatchData(policies);
  }

  /** Time of one event by the index. */
  @Benchmark
  public List<Integer> index() {
    return data.byIndex(data.next());
  }

  /** Time of one event when each policy is asked. */
  @Benchmark
  public List<Integer> askingAll() {
    return data.byAskingAll(data.next());
  }
}
