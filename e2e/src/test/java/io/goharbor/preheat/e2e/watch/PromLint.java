package io.goharbor.preheat.e2e.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What {@code promtool check metrics} finds fault with, by the rules of Prometheus' client_golang,
 * package promlint.
 */
final class PromLint {
  private static final Pattern CAMEL_CASE = Pattern.compile(".*[a-z][A-Z].*");
  private static final Set<String> TYPES =
      Set.of("gauge", "counter", "histogram", "summary", "untyped");

  /** Abbreviations of units, each a part of a name between underscores. */
  private static final Set<String> ABBREVIATIONS =
      Set.of("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d");

  /** Units that Prometheus does not use, by the unit to use instead. */
  private static final Map<String, String> BASE_UNITS =
      Map.ofEntries(
          Map.entry("milliseconds", "seconds"),
          Map.entry("microseconds", "seconds"),
          Map.entry("nanoseconds", "seconds"),
          Map.entry("minutes", "seconds"),
          Map.entry("hours", "seconds"),
          Map.entry("days", "seconds"),
          Map.entry("bits", "bytes"),
          Map.entry("kilobytes", "bytes"),
          Map.entry("megabytes", "bytes"),
          Map.entry("gigabytes", "bytes"),
          Map.entry("percent", "ratio"));

  private PromLint() {}

  /** A sentence for each fault, beginning with the name of the family; empty when it is clean. */
  static List<String> faults(Scrape scrape) {
    List<String> faults = new ArrayList<>();
    Map<String, Set<String>> labels = labels(scrape);
    scrape
        .types()
        .forEach((name, type) -> {
          List<String> parts = List.of(name.split("_", -1));
          if (scrape.helps().getOrDefault(name, "").isBlank()) {
            faults.add(name + ": no help text");
          }
          if (type.equals("counter") != name.endsWith("_total")) {
            faults.add(name + ": counters, and only they, end in _total");
          }
          boolean counts = type.equals("histogram") || type.equals("summary");
          if (!counts && name.matches(".*_(count|sum|bucket)")) {
            faults.add(name + ": the ending belongs to histograms and summaries");
          }
          Set<String> has = labels.getOrDefault(name, Set.of());
          if (!type.equals("histogram") && has.contains("le")) {
            faults.add(name + ": the label le belongs to histograms");
          }
          if (!type.equals("summary") && has.contains("quantile")) {
            faults.add(name + ": the label quantile belongs to summaries");
          }
          for (String part : parts) {
            if (TYPES.contains(part)) {
              faults.add(name + ": the name holds the type " + part);
            }
            if (ABBREVIATIONS.contains(part)) {
              faults.add(name + ": the name holds the abbreviated unit " + part);
            }
            if (BASE_UNITS.containsKey(part)) {
              faults.add(name + ": use " + BASE_UNITS.get(part) + " instead of " + part);
            }
          }
          if (name.contains(":")) {
            faults.add(name + ": colons are for rules");
          }
          if (CAMEL_CASE.matcher(name).matches()) {
            faults.add(name + ": written in camel case");
          }
          has.stream()
              .filter(label -> CAMEL_CASE.matcher(label).matches())
              .forEach(label -> faults.add(name + ": label " + label + " in camel case"));
        });
    for (Scrape.Sample sample : scrape.samples()) {
      if (!scrape.types().containsKey(family(scrape, sample.name()))) {
        faults.add(sample.name() + ": no family declares it");
      }
    }
    return faults;
  }

  private static Map<String, Set<String>> labels(Scrape scrape) {
    Map<String, Set<String>> labels = new TreeMap<>();
    scrape
        .samples()
        .forEach(sample ->
            labels
                .computeIfAbsent(family(scrape, sample.name()), name -> new TreeSet<>())
                .addAll(sample.labels().keySet()));
    return labels;
  }

  private static String family(Scrape scrape, String sample) {
    return scrape.types().containsKey(sample)
        ? sample
        : sample.replaceFirst("_(count|sum|bucket)$", "");
  }
}
