package io.goharbor.preheat.e2e.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What memory the operator's process uses. */
record ProcessMemory(ProcessHandle process) {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  /** Bytes of live objects, after a full collection. */
  long liveHeap() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    StringBuilder text = new StringBuilder();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(jcmd.getInputStream(), StandardCharsets.US_ASCII))) {
      reader.lines().forEach(line -> text.append(line).append('\n'));
    }
    jcmd.waitFor();
    if (Boolean.getBoolean("rest.histogram")) {
      text.toString().lines().limit(45).forEach(System.out::println);
    }
    Matcher total = TOTAL.matcher(text);
    return total.find() ? Long.parseLong(total.group(1)) : -1;
  }

  /**
   * A figure of the kernel's in bytes; -1 where there is none.
   *
   * @param name such as VmRSS
   */
  long resident(String name) {
    try {
      Path status = Path.of("/proc", Long.toString(process.pid()), "status");
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(-1);
    } catch (IOException | UncheckedIOException e) {
      return -1;
    }
  }
}
