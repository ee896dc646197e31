package io.goharbor.preheat.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.DisplayText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an answer says of an error. A URL may point anywhere, so that little of what stands there
 * may be shown to the one who set it: a few words of an error message, never a page or a document.
 */
final class Excerpt {
  /** Characters that may be shown. */
  static final int SHOWN = 80;

  /** Characters that are checked to find out what an error means. */
  private static final int READ = 4096;

  private Excerpt() {}

  /** The words of an error, for the one whose URL it is; empty when there are none to be shown. */
  static String shown(Reply reply) {
    if (reply.body().length == 0) {
      return "";
    }
    if (isHtml(reply)) {
      return "an HTML page";
    }
    List<String> messages = messages(reply);
    if (!messages.isEmpty()) {
      return shortened(String.join("; ", messages));
    }
    return isPlainText(reply) ? shortened(read(reply)) : "";
  }

  /** The words of an error to judge by; not to be shown. */
  static String said(Reply reply) {
    List<String> messages = messages(reply);
    return messages.isEmpty() ? read(reply) : String.join("; ", messages);
  }

  /**
   * The beginning and the end of a text that is too long, in whole words: what went wrong is often
   * said last, and half a word could be half a secret, which no one would know for one.
   */
  static String shortened(String text) {
    String line = DisplayText.of(text).strip();
    if (line.length() <= SHOWN) {
      return line;
    }
    int end = line.lastIndexOf(' ', SHOWN / 2 - 1);
    int start = line.indexOf(' ', line.length() - SHOWN / 2 + 1);
    return line.substring(0, Math.max(end, 0)) + "…" + (start < 0 ? "" : line.substring(start + 1));
  }

  /** Harbor's errors[].code and message, Dragonfly's message or errors. */
  private static List<String> messages(Reply reply) {
    List<String> all = new ArrayList<>();
    try {
      JsonNode json = RemoteSystem.JSON.readTree(reply.body());
      JsonNode errors = json.path("errors");
      for (JsonNode error : errors) {
        add(all, text(error, "code") + " " + text(error, "message"));
      }
      if (errors.isTextual()) {
        add(all, errors.textValue());
      }
      if (all.isEmpty()) {
        add(all, text(json, "message"));
      }
    } catch (IOException notJson) {
      return List.of();
    }
    return all;
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    return value.isValueNode() ? value.asText() : "";
  }

  private static void add(List<String> all, String text) {
    if (!text.isBlank()) {
      all.add(cut(text.strip()));
    }
  }

  private static String read(Reply reply) {
    return cut(reply.text()).strip();
  }

  private static String cut(String text) {
    return text.length() <= READ ? text : text.substring(0, READ);
  }

  private static boolean isHtml(Reply reply) {
    return type(reply).contains("html")
        || (!type(reply).contains("json") && reply.text().stripLeading().startsWith("<"));
  }

  private static boolean isPlainText(Reply reply) {
    return type(reply).startsWith("text/plain");
  }

  private static String type(Reply reply) {
    String type = reply.headers().get("Content-Type");
    return type == null ? "" : type.toLowerCase(Locale.ROOT);
  }
}
