package io.goharbor.preheat.provider.dragonfly;

import io.goharbor.preheat.api.Target;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What beside the URL goes into the id under which peers keep a task.
 *
 * @param pieceLength in bytes; null: by size
 * @param filteredQueryParams joined by ampersands; null: Dragonfly's own list
 */
record Dialect(
    @Nullable Long pieceLength,
    @Nullable String application,
    @Nullable String tag,
    @Nullable String filteredQueryParams) {
  private static final Dialect PLAIN = new Dialect(null, null, null, null);

  /** What a target asks for. */
  static Dialect of(Target target) {
    Target.DragonflyArguments arguments = target.dragonfly();
    return arguments == null
        ? PLAIN
        : new Dialect(
            arguments.pieceLengthMiB() == null ? null : arguments.pieceLengthMiB() * 1024L * 1024L,
            arguments.application(),
            arguments.tag(),
            arguments.filteredQueryParams() == null
                ? null
                : String.join("&", arguments.filteredQueryParams()));
  }

  /** Whether it is what a pull without headers of its own gets. */
  boolean plain() {
    return equals(PLAIN);
  }

  /**
   * The id that peers make of the URL of a blob, which has no query (dragonfly {@code
   * pkg/idgen/task_id.go}).
   */
  String idOfUrl(String url) {
    StringBuilder text = new StringBuilder(url);
    text.append(tag == null ? "" : tag).append(application == null ? "" : application);
    if (pieceLength != null) {
      text.append(pieceLength);
    }
    text.append("STANDARD");
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The id that peers make of a blob's digest: its hexadecimal digits. */
  static String idOfDigest(String digest) {
    return digest.substring(digest.indexOf(':') + 1);
  }
}
