package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checked-in file that is generated; with {@code -Dcrds.update=true} it is written. */
final class Golden {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Golden() {}

  static void check(Path file, String content) throws IOException {
    if (Boolean.getBoolean("crds.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      return;
    }
    assertThat(file).as("generated file; write it with -Dcrds.update=true").exists();
    assertThat(Files.readString(file))
        .as("%s differs from the model; write it with -Dcrds.update=true", ROOT.relativize(file))
        .isEqualTo(content);
  }
}
