package io.goharbor.preheat.plan;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which platforms are wanted. Names are compared as containerd compares them: {@code x86_64} is
 * {@code amd64}, {@code linux/arm64/v8} is {@code linux/arm64}, and {@code linux/arm} without a
 * variant is {@code linux/arm/v7}.
 */
public final class Platforms {
  private static final Map<String, String> ARCHITECTURES =
      Map.of(
          "x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64", "i386", "386", "armhf", "arm",
          "armel", "arm");

  /** Variants that go without saying. */
  private static final Map<String, String> DEFAULT_VARIANTS =
      Map.of("amd64", "v1", "arm64", "v8", "arm", "v7");

  private Platforms() {}

  /**
   * Whether a manifest is wanted. A wish without variant takes every variant: nodes of one
   * architecture run several.
   *
   * @param wanted empty: all platforms
   * @param platform null: it has none, so no wish for platforms speaks of it
   */
  static boolean wanted(List<String> wanted, @Nullable String platform) {
    return platform == null
        || wanted.isEmpty()
        || wanted.stream().anyMatch(wish -> takes(wish, platform));
  }

  private static boolean takes(String wish, String platform) {
    String[] wished = wish.split("/", 3);
    String[] has = platform.split("/", 3);
    return wished[0].equals(has[0])
        && architecture(wished).equals(architecture(has))
        && (variant(wished).isEmpty() || effective(wished).equals(effective(has)));
  }

  private static String architecture(String[] platform) {
    String name = platform[1].toLowerCase(Locale.ROOT);
    return ARCHITECTURES.getOrDefault(name, name);
  }

  /** What a platform says of its variant; armhf and armel say it by their name. */
  private static String variant(String[] platform) {
    if (platform.length > 2) {
      String text = platform[2];
      return text.matches("[0-9].*") ? "v" + text : text;
    }
    return switch (platform[1]) {
      case "armhf" -> "v7";
      case "armel" -> "v6";
      default -> "";
    };
  }

  private static String effective(String[] platform) {
    String said = variant(platform);
    return said.isEmpty() ? DEFAULT_VARIANTS.getOrDefault(architecture(platform), "") : said;
  }
}
