package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checked-in file that is generated; with {@code -Dgolden.update=true} it is written. */
final class Golden {
  private Golden() {}

  static void check(Path file, String content) throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      return;
    }
    assertThat(file).as("generated file; write it with -Dgolden.update=true").exists();
    assertThat(Files.readString(file))
        .as(
            "%s differs from what it is generated from; look whether that is meant, and write it"
                + " with -Dgolden.update=true",
            ChartRenderer.ROOT.relativize(file))
        .isEqualTo(content);
  }
}
