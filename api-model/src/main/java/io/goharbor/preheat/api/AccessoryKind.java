package io.goharbor.preheat.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What can belong to an artifact and be preheated with it. */
public enum AccessoryKind {
  /** A copy in the Nydus format, which nodes mount instead of pulling the image as a whole. */
  @JsonProperty("Nydus")
  NYDUS("Nydus");

  private final String text;

  AccessoryKind(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
