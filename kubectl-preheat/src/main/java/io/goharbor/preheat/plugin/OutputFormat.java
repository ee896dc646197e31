package io.goharbor.preheat.plugin;

/** What {@code --output} takes. */
enum OutputFormat {
  TABLE("table"),
  JSON("json"),
  YAML("yaml");

  private final String text;

  OutputFormat(String text) {
    this.text = text;
  }

  /** As it is typed; help and completion show it. */
  @Override
  public String toString() {
    return text;
  }
}
