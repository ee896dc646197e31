package io.goharbor.preheat.matching;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An image as people name it: {@code host[:port]/project/repository[:tag][@digest]}.
 *
 * @param registry host and port
 * @param repository without the project; may hold slashes
 * @param tag {@code latest} when neither tag nor digest is given
 */
public record ImageReference(
    String registry,
    String project,
    String repository,
    @Nullable String tag,
    @Nullable String digest) {
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");
  // Names and tags as the OCI distribution specification has them.
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*+(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*+)*+");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile(io.goharbor.preheat.api.Patterns.DIGEST);

  /**
   * Reads a reference.
   *
   * @throws IllegalArgumentException when the text is none; the message names the part at fault
   */
  public static ImageReference parse(String text) {
    int hostEnd = text.indexOf('/');
    String registry = hostEnd < 0 ? text : text.substring(0, hostEnd);
    if (hostEnd < 0 || !isHost(registry)) {
      throw fault(
          text,
          "names no registry: '"
              + registry
              + "' is not a host; write host/project/repository[:tag][@sha256:...]");
    }
    String rest = text.substring(hostEnd + 1);

    int at = rest.indexOf('@');
    String digest = at < 0 ? null : rest.substring(at + 1);
    if (digest != null && !DIGEST.matcher(digest).matches()) {
      throw fault(
          text, "has a wrong digest: write sha256: and 64 digits of 0-9 and a-f behind '@'");
    }
    String named = at < 0 ? rest : rest.substring(0, at);

    int colon = named.indexOf(':');
    String tag = colon < 0 ? null : named.substring(colon + 1);
    if (tag != null && !TAG.matcher(tag).matches()) {
      throw fault(
          text,
          "has a wrong tag '"
              + tag
              + "': a tag has at most 128 letters, digits, '_', '.' and '-', and begins with none of"
              + " the last two");
    }
    String path = colon < 0 ? named : named.substring(0, colon);

    int projectEnd = path.indexOf('/');
    if (projectEnd < 0) {
      throw fault(text, "names no repository: write host/project/repository");
    }
    if (!NAME.matcher(path).matches()) {
      throw fault(
          text,
          "has a wrong name '"
              + path
              + "': project and repository are lower-case letters and digits, with '.', '_' or '-'"
              + " between them");
    }
    return new ImageReference(
        registry,
        path.substring(0, projectEnd),
        path.substring(projectEnd + 1),
        tag == null && digest == null ? "latest" : tag,
        digest);
  }

  // As Docker tells a host from the first part of a name.
  private static boolean isHost(String text) {
    return HOST.matcher(text).matches()
        && (text.contains(".") || text.contains(":") || text.equals("localhost"));
  }

  private static IllegalArgumentException fault(String text, String words) {
    return new IllegalArgumentException("'" + text + "' " + words);
  }
}
