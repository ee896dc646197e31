package io.goharbor.preheat.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts as five bytes of a hash each: small enough to be kept in a status by the thousand, and
 * long enough that a new one among 16,384 is taken for known once in sixty million.
 */
final class ArtifactFingerprints {
  /** The most that are written: 110 kB as text. */
  static final int MOST = 16_384;

  private static final int BYTES = 5;

  private ArtifactFingerprints() {}

  /** The mark of an artifact, by its full repository and digest. */
  static long of(String key) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return read(sum, 0);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The marks as text, in order, so that the same marks are the same text. */
  static String write(Set<Long> marks) {
    long[] sorted = marks.stream().mapToLong(Long::longValue).sorted().limit(MOST).toArray();
    byte[] bytes = new byte[sorted.length * BYTES];
    for (int i = 0; i < sorted.length; i++) {
      for (int j = 0; j < BYTES; j++) {
        bytes[i * BYTES + j] = (byte) (sorted[i] >>> (8 * (BYTES - 1 - j)));
      }
    }
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Reads a text; what is none that was written here holds no marks. */
  static Set<Long> read(@Nullable String text) {
    Set<Long> marks = new HashSet<>();
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text == null ? "" : text);
    } catch (IllegalArgumentException e) {
      return marks;
    }
    for (int i = 0; i + BYTES <= bytes.length; i += BYTES) {
      marks.add(read(bytes, i));
    }
    return marks;
  }

  private static long read(byte[] bytes, int from) {
    long mark = 0;
    for (int i = 0; i < BYTES; i++) {
      mark = (mark << 8) | (bytes[from + i] & 0xff);
    }
    return mark;
  }
}
