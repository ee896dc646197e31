package io.goharbor.preheat.e2e.sim.dragonfly;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The ids under which peers keep tasks (dragonfly 2.5, {@code pkg/idgen/task_id.go}). */
final class TaskKey {
  private TaskKey() {}

  /**
   * The id that is made of a URL.
   *
   * @param args tag, application, piece_length, as a job's arguments have them
   */
  static String ofUrl(String url, JsonNode args) {
    String query = url.indexOf('?') < 0 ? url : url.substring(0, url.indexOf('?'));
    String pieces = args.path("piece_length").asText("");
    return sha256(
        query
            + args.path("tag").asText("")
            + args.path("application").asText("")
            + pieces
            + "STANDARD");
  }

  /** The id that is made of a digest: its hexadecimal digits. */
  static String ofDigest(String digest) {
    return digest.substring(digest.indexOf(':') + 1);
  }

  /** The digest that a blob's URL ends with. */
  static String digest(String blobUrl) {
    return blobUrl.substring(blobUrl.lastIndexOf('/') + 1);
  }

  static String sha256(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
