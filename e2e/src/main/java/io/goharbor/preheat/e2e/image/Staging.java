package io.goharbor.preheat.e2e.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that holds what the image will, under the same paths.
 *
 * @param folder stands for the image's root
 */
public record Staging(Path folder) {
  /**
   * Makes the runtime by jlink, and copies the operator and its libraries beside it.
   *
   * @param root the repository, built by Maven
   * @param jdk home of the JDK 25 of which the runtime is made
   * @param folder is emptied first
   * @param options of the JVM that the runtime always has
   */
  public static Staging make(Path root, Path jdk, Path folder, List<String> options)
      throws IOException, InterruptedException {
    delete(folder);
    Staging staging = new Staging(folder);
    staging.link(jdk, ImagePlan.modules(root), options);
    staging.copy(root.resolve("operator/target"));
    staging.settle();
    return staging;
  }

  /** A runtime alone. */
  static Staging runtimeOnly(Path root, Path jdk, Path folder)
      throws IOException, InterruptedException {
    delete(folder);
    Staging staging = new Staging(folder);
    staging.link(jdk, ImagePlan.modules(root), ImagePlan.jvmOptions(root));
    return staging;
  }

  /** The launcher of the runtime. */
  public Path java() {
    return folder.resolve(ImagePlan.RUNTIME).resolve("bin/java");
  }

  /** The operator. */
  public Path jar() {
    return folder.resolve(ImagePlan.JAR);
  }

  /** The AOT cache; is there after {@link AotTraining}. */
  public Path cache() {
    return folder.resolve(ImagePlan.CACHE);
  }

  /** The files below a part, in a fixed order. */
  List<Path> files(String part) throws IOException {
    Path below = folder.resolve(part);
    if (!Files.exists(below)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(below)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /**
   * Copies everything elsewhere, as it is.
   *
   * @param other is emptied first
   */
  Staging copyTo(Path other) throws IOException {
    delete(other);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = other.resolve(folder.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return new Staging(other);
  }

  /** Gives all files the time that they have in the image. */
  void settle() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(ImagePlan.TIME));
      }
    }
  }

  private void link(Path jdk, List<String> modules, List<String> options)
      throws IOException, InterruptedException {
    Path runtime = folder.resolve(ImagePlan.RUNTIME);
    Files.createDirectories(runtime.getParent());
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/jlink").toString());
    command.addAll(List.of("--add-modules", String.join(",", modules)));
    // Not compressed: the layer is, and classes are read faster.
    command.addAll(List.of("--no-header-files", "--no-man-pages", "--vm=server"));
    command.add("--compress=zip-0");
    // Before JAVA_TOOL_OPTIONS, so that what somebody sets there wins.
    if (!options.isEmpty()) {
      command.add("--add-options=" + String.join(" ", options));
    }
    command.addAll(List.of("--output", runtime.toString()));
    Tool.run(command);
  }

  private void copy(Path target) throws IOException {
    Path libraries = folder.resolve(ImagePlan.APP).resolve("lib");
    Files.createDirectories(libraries);
    try (Stream<Path> built = Files.list(target)) {
      Path jar =
          built
              .filter(
                  file -> file.getFileName().toString().matches("operator-[^-]*(-SNAPSHOT)?\\.jar"))
              .findFirst()
              .orElseThrow(() -> new IOException("no operator-*.jar in " + target));
      Files.copy(jar, jar(), StandardCopyOption.REPLACE_EXISTING);
    }
    try (Stream<Path> jars = Files.list(target.resolve("lib"))) {
      for (Path jar : jars.sorted().toList()) {
        Files.copy(jar, libraries.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path bill = target.resolve("bom.json");
    if (Files.exists(bill)) {
      Files.copy(bill, folder.resolve(ImagePlan.BILL), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
