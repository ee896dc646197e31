package io.goharbor.preheat.importer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * Names of Kubernetes objects for names of Harbor. The same set of names always gets the same
 * names, in whatever order it comes; those that would fall together all get a hash of their own.
 */
final class Names {
  /** As long as a CronJob's name may be: room for the suffix of what it starts. */
  static final int LONGEST = 52;

  private static final int HASH = 6;

  private Names() {}

  /** A name for each, unique among them. */
  static Map<String, String> of(Collection<String> originals) {
    Map<String, Integer> taken = new HashMap<>();
    originals.forEach(original -> taken.merge(plain(original), 1, Integer::sum));
    Map<String, String> names = new HashMap<>();
    for (String original : originals) {
      String plain = plain(original);
      boolean alone = taken.getOrDefault(plain, 0) == 1 && plain.length() <= LONGEST;
      names.put(original, alone ? plain : hashed(plain, original));
    }
    return names;
  }

  /** Lower case, with dashes for what a DNS label does not have. */
  private static String plain(String original) {
    String label =
        original.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    return label.isEmpty() ? "unnamed" : label;
  }

  private static String hashed(String plain, String original) {
    String head = plain.substring(0, Math.min(plain.length(), LONGEST - HASH - 1));
    return head.replaceAll("-+$", "") + "-" + hash(original);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
