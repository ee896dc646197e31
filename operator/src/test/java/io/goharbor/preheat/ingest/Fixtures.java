package io.goharbor.preheat.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Bodies made by hand from the documented shapes; a file is named by what is odd about it. */
final class Fixtures {
  private static final Path FOLDER = Path.of("src/test/resources/events");
  private static final List<String> WORDS =
      List.of(
          "null", "{}", "[]", "\"\"", "-1", "1e999", "\\u0000", "\"type\"", "sha256:", "}", ",");

  private Fixtures() {}

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString().replace(".json", ""))
          .sorted()
          .toList();
    }
  }

  static byte[] body(String name) throws IOException {
    return Files.readAllBytes(FOLDER.resolve(name + ".json"));
  }

  static String text(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + ".json"));
  }

  /** Some bytes changed, a part taken out, or a word of JSON put in. */
  static byte[] mutated(byte[] good, Random random) {
    byte[] body = good.clone();
    switch (random.nextInt(3)) {
      case 0 -> {
        for (int i = 0; i <= random.nextInt(8); i++) {
          body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
      }
      case 1 -> {
        int from = random.nextInt(body.length);
        int to = from + random.nextInt(body.length - from);
        byte[] shorter = Arrays.copyOf(body, body.length - (to - from));
        System.arraycopy(body, to, shorter, from, body.length - to);
        return shorter;
      }
      default -> {
        byte[] word = WORDS.get(random.nextInt(WORDS.size())).getBytes(UTF_8);
        int at = random.nextInt(body.length);
        byte[] longer = Arrays.copyOf(body, body.length + word.length);
        System.arraycopy(word, 0, longer, at, word.length);
        System.arraycopy(body, at, longer, at + word.length, body.length - at);
        return longer;
      }
    }
    return body;
  }
}
