package io.goharbor.preheat.e2e.docs;

/**
 * A fenced block of a page.
 *
 * @param line of its first line of content
 * @param language after the fence; empty: none
 * @param check what a comment {@code <!-- check: ... -->} right above the fence says; empty: none
 * @param text without the indentation of the fence
 */
record Block(String page, int line, String language, String check, String text) {
  String at() {
    return page + ":" + line;
  }
}
