package io.goharbor.preheat.e2e.watch;

import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a running operator shows at /metrics.
 *
 * @param types type of each family by its name, as in the TYPE line
 * @param helps description of each family
 */
record Scrape(Map<String, String> types, Map<String, String> helps, List<Sample> samples) {
  /** A line of the text format. */
  record Sample(String name, Map<String, String> labels, double value) {}

  private static final Pattern META = Pattern.compile("# (TYPE|HELP) (\\S+) (.*)");
  private static final Pattern LINE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  static Scrape of(World world) {
    try (var in = URI.create(world.operator().managementUrl() + "/metrics").toURL().openStream()) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Scrape parse(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, String> helps = new TreeMap<>();
    List<Sample> samples = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      Matcher meta = META.matcher(line);
      if (meta.matches()) {
        (meta.group(1).equals("TYPE") ? types : helps).put(meta.group(2), meta.group(3));
        continue;
      }
      Matcher sample = LINE.matcher(line);
      if (sample.matches()) {
        samples.add(
            new Sample(
                sample.group(1), labels(sample.group(2)), Double.parseDouble(sample.group(3))));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        throw new IllegalArgumentException("no line of the text format: " + line);
      }
    }
    return new Scrape(types, helps, samples);
  }

  private static Map<String, String> labels(@org.jspecify.annotations.Nullable String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text == null ? "" : text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    return labels;
  }

  /** All that was shown at one time or another. */
  Scrape and(Scrape other) {
    Map<String, String> allTypes = new TreeMap<>(types);
    allTypes.putAll(other.types);
    Map<String, String> allHelps = new TreeMap<>(helps);
    allHelps.putAll(other.helps);
    List<Sample> all = new ArrayList<>(samples);
    all.addAll(other.samples);
    return new Scrape(allTypes, allHelps, all);
  }

  /** Names that queries can ask for. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.add(sample.name()));
    return names;
  }

  /** Labels that a name has had. */
  Set<String> labels(String... names) {
    Set<String> labels = new TreeSet<>();
    for (Sample sample : samples) {
      if (Set.of(names).contains(sample.name())) {
        labels.addAll(sample.labels().keySet());
      }
    }
    return labels;
  }

  /** Values that a label has had. */
  Set<String> values(String label) {
    Set<String> values = new TreeSet<>();
    samples.forEach(sample -> {
      String value = sample.labels().get(label);
      if (value != null) {
        values.add(value);
      }
    });
    return values;
  }

  /** The sum of the samples of a name that have at least these labels. */
  double sum(String name, Map<String, String> with) {
    return samples.stream()
        .filter(sample ->
            sample.name().equals(name) && sample.labels().entrySet().containsAll(with.entrySet()))
        .mapToDouble(Sample::value)
        .sum();
  }
}
