package io.goharbor.preheat.e2e.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads as much of a tarball as tests want to know. */
final class TarFile {
  /**
   * An entry.
   *
   * @param seconds its time, since 1970
   */
  record Entry(String name, int mode, long owner, long group, long seconds, byte[] content) {}

  private static final int BLOCK = 512;

  private TarFile() {}

  static Map<String, Entry> read(InputStream tar) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    byte[] header = tar.readNBytes(BLOCK);
    while (header.length == BLOCK && header[0] != 0) {
      int size = Math.toIntExact(number(header, 124, 12));
      byte[] content = tar.readNBytes(size);
      tar.skipNBytes(Math.floorMod(-size, BLOCK));
      // Extended headers only say more about the entry that follows.
      if (header[156] != 'x' && header[156] != 'g') {
        String name = text(header, 0, 100);
        entries.put(
            name,
            new Entry(
                name,
                (int) number(header, 100, 8),
                number(header, 108, 8),
                number(header, 116, 8),
                number(header, 136, 12),
                content));
      }
      header = tar.readNBytes(BLOCK);
    }
    return entries;
  }

  private static long number(byte[] header, int from, int length) {
    return Long.parseLong(text(header, from, length).strip(), 8);
  }

  private static String text(byte[] header, int from, int length) {
    String text = new String(header, from, length, StandardCharsets.US_ASCII);
    int end = text.indexOf(0);
    return end < 0 ? text : text.substring(0, end);
  }
}
