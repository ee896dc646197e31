package io.goharbor.preheat.e2e.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the image is like; the Dockerfile says the same. */
public final class ImagePlan {
  /** Has the C library and little else. */
  static final String BASE = "gcr.io/distroless/base-nossl-debian12:nonroot";

  /** The user that the chart runs the operator as too. */
  static final String USER = "65532:65532";

  /** Where the Java runtime is. */
  static final String RUNTIME = "opt/java";

  /** Where the operator is, and in {@code lib} beside it what it needs. */
  static final String APP = "app";

  static final String JAR = APP + "/operator.jar";

  /** Where the AOT cache is. */
  static final String CACHE = APP + "/operator.aot";

  /** Where the bill of materials is. */
  static final String BILL = APP + "/bom.json";

  static final List<String> ENTRYPOINT =
      List.of("/" + RUNTIME + "/bin/java", "-XX:AOTCache=/" + CACHE, "-jar", "/" + JAR);

  /** One arena for each core would keep what one thread used for a moment. */
  public static final Map<String, String> ENVIRONMENT =
      Map.of("MALLOC_ARENA_MAX", "2", "LANG", "C.UTF-8");

  static final List<Integer> PORTS = List.of(8080, 8081);

  /**
   * Time stamp of all files. The cache is refused when a jar has another one than at the training,
   * and an image whose files have the time of its build would never be the same twice.
   */
  static final Instant TIME = Instant.parse("2026-11-01T00:00:00Z");

  private ImagePlan() {}

  /**
   * Options of the JVM.
   *
   * @param root the repository
   */
  public static List<String> jvmOptions(Path root) throws IOException {
    return lines(root.resolve("deploy/image/jvm.options"));
  }

  /**
   * Modules of the JDK that are in the image.
   *
   * @param root the repository
   */
  static List<String> modules(Path root) throws IOException {
    return lines(root.resolve("deploy/image/modules"));
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }
}
