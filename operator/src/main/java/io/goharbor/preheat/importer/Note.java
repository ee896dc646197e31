package io.goharbor.preheat.importer;

/**
 * What a person should know about a field of an imported object; it is printed as a comment there.
 *
 * @param path the field, such as {@code spec.selector.tags}; empty: the object as a whole. A field
 *     that is not set is told of where it would stand
 * @param text lines; one that begins with a space is a command and is never wrapped
 */
record Note(String path, String text) {}
