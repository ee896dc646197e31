package io.goharbor.preheat.e2e.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * How long it takes to find the policies that an event could concern, by the number of policies.
 * The mix of policies and events is that of {@link MatchData}. JMH measures in JVMs of its own,
 * which have the options of the operator's container and not those of the benchmark's.
 */
final class Match implements Bench.Benchmark {
  @Override
  public String name() {
    return "match";
  }

  @Override
  public String about() {
    return "Time from an event to the policies it could concern, by the number of policies"
        + " (about 90 seconds)";
  }

  @Override
  public Map<String, Number> run(Path root) throws RunnerException {
    Result<?> small = measure("index", 100);
    Result<?> medium = measure("index", 1_000);
    Result<?> large = measure("index", 10_000);
    Result<?> all = measure("askingAll", 10_000);
    Map<String, Number> figures = new LinkedHashMap<>();
    put(figures, "100 policies", small);
    put(figures, "1,000 policies", medium);
    put(figures, "10,000 policies", large);
    put(figures, "10,000 policies, asking all", all);
    figures.put("times the cost of 100 at 10,000 (at most 3)", large.getScore() / small.getScore());
    figures.put("times less than asking all (at least 100)", all.getScore() / large.getScore());
    return figures;
  }

  private static void put(Map<String, Number> figures, String what, Result<?> result) {
    figures.put("µs per event, " + what, result.getScore());
    figures.put("  give or take, " + what, result.getScoreError());
  }

  private static Result<?> measure(String method, int policies) throws RunnerException {
    return new Runner(options(method, policies).build()).runSingle().getPrimaryResult();
  }

  /** What JMH is told about one method of {@link MatchTimes}. */
  static ChainedOptionsBuilder options(String method, int policies) {
    return new OptionsBuilder()
        .include("^" + MatchTimes.class.getName() + "\\." + method + "$")
        .param("policies", Integer.toString(policies))
        .forks(2)
        .jvmArgs("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC")
        .warmupIterations(5)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(5)
        .measurementTime(TimeValue.seconds(1))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
  }
}
