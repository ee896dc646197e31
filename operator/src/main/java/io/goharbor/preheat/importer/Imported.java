package io.goharbor.preheat.importer;

import java.util.List;

/** What a thing of Harbor comes to. */
sealed interface Imported {
  /**
   * An object of ours.
   *
   * @param spec a spec of {@code io.goharbor.preheat.api}
   */
  record Translated(String kind, String name, Object spec, List<Note> notes) implements Imported {
    /** Copies the notes. */
    public Translated {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Nothing, and why.
   *
   * @param what such as {@code policy shop/nightly}
   */
  record LeftOut(String what, String why) implements Imported {}
}
