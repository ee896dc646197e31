package io.goharbor.preheat.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.goharbor.preheat.api.DisplayText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One form of a secret value, to be looked for in text.
 *
 * @param namespace of the Secret
 * @param text its first characters, as many as it takes
 * @param cut whether the form is longer than the text
 * @param guessable whether somebody could try out what the value is
 */
record Needle(String namespace, String text, boolean cut, boolean guessable) {
  /** Characters of the shortest that is looked for. */
  static final int SHORTEST = 6;

  /** From here on no one guesses a value, and its beginning alone gives too much away. */
  static final int UNGUESSABLE = 16;

  private static final int TEXT = 64;
  private static final int SHORTEST_WEB_TOKEN = 20;

  /** All forms of a value; none of one that would blot out words. */
  static List<Needle> forms(String namespace, String value) {
    if (value.length() < SHORTEST || value.chars().distinct().limit(3).count() < 3) {
      return List.of();
    }
    Set<String> texts = new LinkedHashSet<>();
    texts.add(value);
    texts.add(DisplayText.of(value));
    String url = URLEncoder.encode(value, StandardCharsets.UTF_8);
    String percent = url.replace("+", "%20");
    texts.add(url);
    texts.add(percent);
    texts.add(lowerCaseEscapes(percent));
    String json = new String(JsonStringEncoder.getInstance().quoteAsString(value));
    texts.add(json);
    texts.add(json.replace("/", "\\/"));
    // As Go writes it.
    texts.add(json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"));
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    for (int before = 0; before < 3; before++) {
      String base64 = base64(bytes, before);
      texts.add(base64);
      texts.add(base64.replace('+', '-').replace('/', '_'));
    }
    boolean guessable =
        value.length() < UNGUESSABLE || value.chars().anyMatch(Character::isWhitespace);
    List<Needle> forms = new ArrayList<>();
    for (String text : texts) {
      if (text.length() >= SHORTEST) {
        boolean cut = text.length() > TEXT;
        forms.add(new Needle(namespace, cut ? text.substring(0, TEXT) : text, cut, guessable));
      }
    }
    return forms;
  }

  /** The part of the Base64 of a longer text that depends on these bytes alone. */
  private static String base64(byte[] bytes, int before) {
    byte[] shifted = new byte[before + bytes.length];
    System.arraycopy(bytes, 0, shifted, before, bytes.length);
    String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    int start = (before * 8 + 5) / 6;
    int end = shifted.length * 8 / 6;
    return encoded.substring(start, Math.max(start, end));
  }

  private static String lowerCaseEscapes(String encoded) {
    StringBuilder lower = new StringBuilder(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      if (encoded.charAt(i) == '%') {
        lower.append(encoded.substring(i, i + 3).toLowerCase(Locale.ROOT));
        i += 2;
      } else {
        lower.append(encoded.charAt(i));
      }
    }
    return lower.toString();
  }

  /** Where an occurrence at a place of a text ends; the place itself when there is none. */
  int end(String in, int at) {
    int most = Math.min(text.length(), in.length() - at);
    int same = 0;
    while (same < most && text.charAt(same) == in.charAt(at + same)) {
      same++;
    }
    if (same < text.length()) {
      return same >= UNGUESSABLE ? at + same : at;
    }
    return cut ? tokenEnd(in, at + same) : at + same;
  }

  /** Where a JSON Web Token that begins at a place ends; the place itself when there is none. */
  static int webToken(String in, int at) {
    if (!in.startsWith("eyJ", at)) {
      return at;
    }
    int end = tokenEnd(in, at);
    return end - at >= SHORTEST_WEB_TOKEN ? end : at;
  }

  private static int tokenEnd(String in, int from) {
    int end = from;
    while (end < in.length() && ofToken(in.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean ofToken(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~+/=%".indexOf(c) >= 0;
  }

  @Override
  public String toString() {
    return "Needle[" + namespace + ", ***]";
  }
}
