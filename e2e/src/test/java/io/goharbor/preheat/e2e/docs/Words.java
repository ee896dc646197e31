package io.goharbor.preheat.e2e.docs;

import java.util.ArrayList;
import java.util.List;

/**
 * A command line in the words of a shell: quotes, continued lines, pipes, redirections,
 * substitutions and here-documents, as far as documentation uses them.
 *
 * @param programs words of each simple command
 * @param redirect file that takes the output, or empty
 * @param hereDocument word that ends a here-document, or empty
 */
record Words(List<List<String>> programs, String redirect, String hereDocument) {

  static Words of(String text) {
    return new Reader(text).read();
  }

  /** Whether a quote or a substitution goes on in the next line. */
  static boolean goesOn(String text) {
    try {
      of(text);
      return text.endsWith("\\");
    } catch (Unfinished e) {
      return true;
    }
  }

  private static final class Unfinished extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Unfinished(String message) {
      super(message);
    }
  }

  private static final class Reader {
    private final String text;
    private final List<List<String>> programs = new ArrayList<>();
    private List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean started;
    private String redirect = "";
    private String hereDocument = "";
    private String pending = "";

    Reader(String text) {
      this.text = text;
    }

    Words read() {
      int i = 0;
      while (i < text.length()) {
        char c = text.charAt(i);
        if (c == '\\' && i + 1 < text.length()) {
          if (text.charAt(i + 1) != '\n') {
            add(text.substring(i + 1, i + 2));
          }
          i += 2;
        } else if (c == '\'') {
          int end = end("'", i + 1);
          add(text.substring(i + 1, end));
          i = end + 1;
        } else if (c == '"') {
          int end = i + 1;
          while (end < text.length() && text.charAt(end) != '"') {
            end += text.charAt(end) == '\\' ? 2 : text.startsWith("$(", end) ? closing(end) : 1;
          }
          if (end >= text.length()) {
            throw new Unfinished("a quote does not end: " + text);
          }
          add(text.substring(i + 1, end).replace("\\\"", "\""));
          i = end + 1;
        } else if (text.startsWith("$(", i)) {
          int length = closing(i);
          add(text.substring(i, i + length));
          i += length;
        } else if (text.startsWith("<<", i)) {
          word();
          pending = "<<";
          i += 2;
        } else if (c == '>') {
          word();
          pending = ">";
          i += text.startsWith(">>", i) ? 2 : 1;
        } else if (c == '|' || c == ';' || c == '&') {
          word();
          program();
          i++;
        } else if (c == '\n' && hereDocumentBegins()) {
          break;
        } else if (c == '#' && !started) {
          int end = text.indexOf('\n', i);
          i = end < 0 ? text.length() : end;
        } else if (Character.isWhitespace(c)) {
          word();
          i++;
        } else {
          add(String.valueOf(c));
          i++;
        }
      }
      word();
      program();
      return new Words(List.copyOf(programs), redirect, hereDocument);
    }

    private boolean hereDocumentBegins() {
      word();
      return !hereDocument.isEmpty();
    }

    private void add(String part) {
      word.append(part);
      started = true;
    }

    private int end(String what, int from) {
      int end = text.indexOf(what, from);
      if (end < 0) {
        throw new Unfinished("a quote does not end: " + text);
      }
      return end;
    }

    /** Length of a substitution. */
    private int closing(int from) {
      int depth = 0;
      for (int i = from; i < text.length(); i++) {
        depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
        if (depth == 0 && i > from + 1) {
          return i + 1 - from;
        }
      }
      throw new Unfinished("a substitution does not end: " + text);
    }

    private void word() {
      if (!started) {
        return;
      }
      String value = word.toString();
      word.setLength(0);
      started = false;
      switch (pending) {
        case "<<" -> hereDocument = value;
        case ">" -> redirect = value;
        default -> {
          boolean variable = words.isEmpty() && value.matches("[A-Z][A-Z0-9_]*=.*");
          if (!variable) {
            words.add(value);
          }
        }
      }
      pending = "";
    }

    private void program() {
      if (!words.isEmpty()) {
        programs.add(List.copyOf(words));
        words = new ArrayList<>();
      }
    }
  }
}
