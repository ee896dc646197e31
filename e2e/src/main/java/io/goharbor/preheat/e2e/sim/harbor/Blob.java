package io.goharbor.preheat.e2e.sim.harbor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A config or layer. Up to {@link #REAL} bytes it is real: its bytes have its size and its digest.
 * A longer one is only described, for images of real size would make every run wait for the
 * loopback: it is answered with its first bytes.
 *
 * @param bytes makes the same bytes whenever it is asked
 */
record Blob(String digest, long size, Supplier<byte[]> bytes) {
  private static final int REAL = 1024 * 1024;
  private static final int BEGINNING = 4 * 1024;

  static Blob layer(String name, long size) {
    if (size > REAL) {
      return new Blob(
          sha256(("layer " + name).getBytes(StandardCharsets.UTF_8)),
          size,
          () -> noise(name, BEGINNING));
    }
    return new Blob(sha256(noise(name, (int) size)), size, () -> noise(name, (int) size));
  }

  static Blob config(String platform, Map<String, Long> layers) {
    String[] parts = platform.split("/", 3);
    byte[] json =
        ("{\"architecture\":\"%s\",\"os\":\"%s\",\"config\":{},\"rootfs\":{\"type\":\"layers\"},"
                    .formatted(parts[1], parts[0])
                + "\"history\":[{\"comment\":\"%s\"}]}"
                    .formatted(sha256(layers.toString().getBytes(StandardCharsets.UTF_8))))
            .getBytes(StandardCharsets.UTF_8);
    return of(json);
  }

  /** A blob of given bytes. */
  static Blob of(byte[] content) {
    return new Blob(sha256(content), content.length, content::clone);
  }

  private static byte[] noise(String name, int size) {
    byte[] bytes = new byte[size];
    new Random(name.hashCode()).nextBytes(bytes);
    return bytes;
  }

  static String sha256(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
