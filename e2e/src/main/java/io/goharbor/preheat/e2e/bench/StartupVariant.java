package io.goharbor.preheat.e2e.bench;

import io.goharbor.preheat.e2e.image.ImagePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to start the operator.
 *
 * @param options of the JVM
 * @param cached whether with an AOT cache
 */
record StartupVariant(String name, List<String> options, boolean cached) {
  private static final String HEADERS = "-XX:+UseCompactObjectHeaders";

  /**
   * As in a container with the chart's limit, so that all have the same heap, first and largest.
   */
  private static final List<String> MEMORY = List.of("-XX:MaxRAM=384m", "-XX:MaxRAMPercentage=70");

  /** One option more each time, up to those of the image. */
  static List<StartupVariant> all(Path root) throws IOException {
    List<String> image = new ArrayList<>(MEMORY);
    image.addAll(ImagePlan.jvmOptions(root));
    List<StartupVariant> all = new ArrayList<>();
    List<String> options = new ArrayList<>(MEMORY);
    all.add(new StartupVariant("plain", List.copyOf(options), false));
    all.add(new StartupVariant("AOT cache", List.copyOf(options), true));
    options.add(HEADERS);
    all.add(new StartupVariant("+ compact headers", List.copyOf(options), true));
    options.add("-XX:+UseSerialGC");
    all.add(new StartupVariant("+ SerialGC", List.copyOf(options), true));
    options.add("-XX:TieredStopAtLevel=1");
    all.add(new StartupVariant("+ C1 only", List.copyOf(options), true));
    all.add(new StartupVariant("image", image, true));
    all.add(new StartupVariant("image without AOT cache", image, false));
    return all;
  }

  /** A cache fits only the size of object headers that it was made with. */
  boolean compactHeaders() {
    return options.contains(HEADERS);
  }
}
