package io.goharbor.preheat.matching;

import java.util.regex.Matcher;
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
  private static final Pattern FORM =
      Pattern.compile(
          "(?<registry>[^/@]+)/(?<project>[^/:@]+)/(?<repository>[^:@]+)"
              + "(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>sha256:[0-9a-f]{64}))?");

  /**
   * Reads a reference.
   *
   * @throws IllegalArgumentException when the text is none; the message says what is expected
   */
  public static ImageReference parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an image of the form host/project/repository[:tag][@sha256:...]");
    }
    String registry = form.group("registry");
    if (!registry.contains(".") && !registry.contains(":") && !registry.equals("localhost")) {
      throw new IllegalArgumentException(
          "'" + text + "' names no registry: '" + registry + "' is not a host");
    }
    String tag = form.group("tag");
    String digest = form.group("digest");
    return new ImageReference(
        registry,
        form.group("project"),
        form.group("repository"),
        tag == null && digest == null ? "latest" : tag,
        digest);
  }
}
