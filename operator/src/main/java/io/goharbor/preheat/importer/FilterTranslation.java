package io.goharbor.preheat.importer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.Labels;
import io.goharbor.preheat.api.ArtifactSelector.PatternSet;
import io.goharbor.preheat.api.builder.ArtifactSelectorBuilder;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.matching.Doublestar;
import io.goharbor.preheat.matching.PatternException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a policy of Harbor as a selector. In Harbor all filters must hold, also several of
 * one type, and an unknown one or none at all fails the run.
 */
final class FilterTranslation {
  private static final String SELECTOR = "spec.selector";
  private static final int MOST_LABELS = 32;
  private static final int LONGEST_LABEL = 128;

  /** A selector that the schema does not take. */
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1L;

    TooLarge(String message) {
      super(message);
    }

    String describe() {
      return String.valueOf(getMessage());
    }
  }

  private final Project project;
  private final Consumer<Note> notes;
  private final Set<String> repositories = new LinkedHashSet<>();
  private final Set<String> tags = new LinkedHashSet<>();
  private final Set<String> labels = new LinkedHashSet<>();
  private boolean signed;
  private @Nullable Integer below;
  private boolean doubtful;

  FilterTranslation(Project project, Consumer<Note> notes) {
    this.project = project;
    this.notes = notes;
  }

  /** Whether the selector takes something else than Harbor's filters would have. */
  boolean doubtful() {
    return doubtful;
  }

  /**
   * Translates.
   *
   * @param models whether models are selected too
   */
  ArtifactSelector translate(String filters, boolean models) throws TooLarge {
    read(filters);
    GateTranslation gates = new GateTranslation(project, notes);
    return ArtifactSelectorBuilder.builder()
        .projects(new PatternSet(List.of(project.name()), null))
        .repositories(patterns("repositories", repositories))
        .tags(patterns("tags", tags))
        .labels(labels())
        .artifactTypes(models ? List.of("Image", "Model") : null)
        .signature(gates.signature(signed))
        .vulnerability(gates.vulnerability(below))
        .build();
  }

  private void read(String filters) {
    JsonNode list;
    try {
      list = RemoteSystem.JSON.readTree(filters);
    } catch (JsonProcessingException e) {
      doubt(SELECTOR, "Harbor's filters are not JSON, and its runs fail: " + filters);
      return;
    }
    if (!list.isArray() || list.isEmpty()) {
      doubt(SELECTOR, "Harbor has no filters here, and its runs fail.");
      return;
    }
    for (JsonNode filter : list) {
      filter(filter.path("type").asText(""), filter.path("value"));
    }
  }

  private void filter(String type, JsonNode value) {
    switch (type) {
      case "repository", "tag" -> {
        String pattern = text(type, value);
        // Both take everything in Harbor; a selector that is not set does so too.
        if (!pattern.isEmpty() && !pattern.equals("**")) {
          (type.equals("tag") ? tags : repositories).add(pattern);
        }
      }
      case "label" -> labels(text(type, value));
      case "signature" -> {
        signed |= value.asBoolean(false);
        if (!value.asBoolean(false)) {
          notes.accept(
              new Note(
                  SELECTOR + ".signature",
                  "Harbor ignores the policy's filter signature " + value + "; left out."));
        }
      }
      case "vulnerability" -> {
        if (value.asText("").matches("-?[0-9]{1,6}(\\.0+)?")) {
          int code = (int) Double.parseDouble(value.asText(""));
          below = below == null ? code : Math.min(below, code);
        } else {
          notes.accept(
              new Note(
                  SELECTOR + ".vulnerability",
                  "Harbor ignores the policy's filter vulnerability "
                      + value
                      + ", which is no number; left out."));
        }
      }
      default ->
          doubt(
              SELECTOR,
              "Harbor knows no filter '" + type + "', and its runs fail. It is left out here.");
    }
  }

  private String text(String type, JsonNode value) {
    if (!value.isTextual()) {
      doubt(
          SELECTOR,
          "The value of the filter " + type + " is no text, and Harbor's runs fail: " + value);
      return "";
    }
    return value.asText();
  }

  private @Nullable PatternSet patterns(String field, Set<String> patterns) throws TooLarge {
    if (patterns.isEmpty()) {
      return null;
    }
    String path = SELECTOR + "." + field;
    for (String pattern : patterns) {
      try {
        Doublestar.compile(pattern);
      } catch (PatternException e) {
        if (e.isTooMuch()) {
          throw new TooLarge(field + ": " + e.getMessage());
        }
        doubt(
            path,
            "Harbor cannot read this pattern and its runs fail; here the policy is not Ready until it"
                + " is mended: "
                + e.getMessage());
      }
      if (field.equals("repositories") && pattern.startsWith(project.name() + "/")) {
        notes.accept(
            new Note(
                path,
                "Compared without the project, in Harbor and here: this takes "
                    + project.name()
                    + "/"
                    + pattern
                    + "."));
      }
    }
    if (patterns.size() > 1) {
      doubt(
          path,
          "In Harbor all of these must match, here one is enough. Write one pattern that says it.");
    }
    return new PatternSet(List.copyOf(patterns), null);
  }

  /** Harbor splits at commas and trims nothing. */
  private void labels(String value) {
    if (value.isEmpty()) {
      return;
    }
    String path = SELECTOR + ".labels";
    for (String label : value.split(",", -1)) {
      if (label.isEmpty()) {
        doubt(
            path,
            "Harbor's list '"
                + value
                + "' has an empty name, so that it selects nothing. The name is left out here.");
      } else {
        if (!label.equals(label.strip())) {
          notes.accept(
              new Note(
                  path,
                  "Harbor compares with the space in '"
                      + label
                      + "', as is done here; is it meant?"));
        }
        labels.add(label);
      }
    }
  }

  private @Nullable Labels labels() throws TooLarge {
    if (labels.isEmpty()) {
      return null;
    }
    if (labels.size() > MOST_LABELS
        || labels.stream().anyMatch(label -> label.length() > LONGEST_LABEL)) {
      throw new TooLarge(
          "it wants more than "
              + MOST_LABELS
              + " labels, or one longer than "
              + LONGEST_LABEL
              + " characters");
    }
    return new Labels(new ArrayList<>(labels), null, null);
  }

  private void doubt(String path, String text) {
    doubtful = true;
    notes.accept(new Note(path, text));
  }
}
