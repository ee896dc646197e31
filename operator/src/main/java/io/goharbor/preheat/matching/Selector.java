package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.ArtifactSelector.Labels;
import io.goharbor.preheat.api.ArtifactSelector.Severity;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.DurationText;
import io.goharbor.preheat.api.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A compiled {@link ArtifactSelector}: decides, and gives a reason for every no. */
public final class Selector {
  /** What a selector must know beyond the cheap facts, so that Harbor is asked for no more. */
  public record Needs(boolean labels, boolean signatures, boolean scan) {}

  private final ArtifactSelector source;
  private final Patterns projects;
  private final Patterns repositories;
  private final Patterns tags;
  private final Set<String> types;
  private final @Nullable Duration pushedWithin;
  private final int weight;

  private Selector(ArtifactSelector source) {
    this.source = source;
    this.projects = Patterns.compile("selector.projects", source.projects());
    this.repositories = Patterns.compile("selector.repositories", source.repositories());
    this.tags = Patterns.compile("selector.tags", source.tags());
    List<String> wanted = source.artifactTypes();
    this.types =
        wanted == null || wanted.isEmpty()
            ? Set.of("IMAGE")
            : wanted.stream()
                .flatMap(Selector::harborTypes)
                .collect(Collectors.toUnmodifiableSet());
    this.pushedWithin =
        source.pushedWithin() == null
            ? null
            : duration("selector.pushedWithin", source.pushedWithin());
    this.weight = projects.weight() + repositories.weight() + tags.weight();
  }

  /**
   * Compiles a selector.
   *
   * @param source null: every tagged image
   * @throws SelectorException naming the field that cannot be used
   */
  public static Selector compile(@Nullable ArtifactSelector source) {
    return new Selector(source == null ? ArtifactSelector.EVERYTHING : source);
  }

  /** What the full decision needs to know. */
  public Needs needs() {
    return new Needs(
        source.labels() != null, source.signature() != null, source.vulnerability() != null);
  }

  /** How many artifacts to keep of each repository; null: all. */
  public @Nullable Integer latestPushed() {
    return source.latestPushed();
  }

  /** How old an artifact may be; null: of any age. */
  public @Nullable Duration pushedWithin() {
    return pushedWithin;
  }

  /** The projects outside of which nothing is selected; empty when patterns tell them. */
  public List<String> literalProjects() {
    return projects.literals();
  }

  /** The repositories outside of which nothing is selected; empty when patterns tell them. */
  public List<String> literalRepositories() {
    return repositories.literals();
  }

  /** Whether anything of a project can be selected. */
  public boolean couldMatchProject(String project) {
    return projects.matches(project, MatchBudget.unlimited());
  }

  /**
   * Whether an artifact of a repository could be selected; the answer means nothing when the budget
   * is spent after it.
   */
  public boolean couldMatch(String project, String repository, MatchBudget budget) {
    return projects.matches(project, budget) && repositories.matches(repository, budget);
  }

  /**
   * Whether an artifact with a tag could be selected; the answer means nothing when the budget is
   * spent after it.
   */
  public boolean couldMatchTag(String tag, MatchBudget budget) {
    return tags.matches(tag, budget);
  }

  /** What it costs at most to ask about names, for each of their characters. */
  public int weight() {
    return weight;
  }

  /** The project patterns. */
  Patterns projects() {
    return projects;
  }

  /** The repository patterns. */
  Patterns repositories() {
    return repositories;
  }

  /**
   * Decides about an artifact; the first rule that refuses it is the reason. One whose push time is
   * not known passes {@code pushedWithin}.
   */
  public Decision decide(Candidate candidate, Instant now) {
    MatchBudget budget = MatchBudget.unlimited();
    if (!projects.matches(candidate.project(), budget)) {
      return no(Reason.PROJECT_NOT_SELECTED, "project " + projects.why(candidate.project()));
    }
    if (!repositories.matches(candidate.repository(), budget)) {
      return no(
          Reason.REPOSITORY_NOT_SELECTED, "repository " + repositories.why(candidate.repository()));
    }
    if (!types.contains(candidate.type().toUpperCase(Locale.ROOT))) {
      return no(
          Reason.TYPE_NOT_SELECTED,
          "its type is "
              + candidate.type()
              + ", selector.artifactTypes takes "
              + String.join(", ", new TreeSet<>(types)));
    }
    if (candidate.tags().isEmpty()) {
      return no(Reason.UNTAGGED, "it has no tag");
    }
    List<String> matching =
        candidate.tags().stream().filter(tag -> tags.matches(tag, budget)).toList();
    if (matching.isEmpty()) {
      return no(Reason.TAG_NOT_SELECTED, "tag " + tags.why(candidate.tags().getFirst()));
    }
    Decision labels = decideLabels(candidate.labels());
    if (labels != null) {
      return labels;
    }
    Decision signature = decideSignature(candidate.signatures());
    if (signature != null) {
      return signature;
    }
    Decision severity = decideSeverity(candidate.severity());
    if (severity != null) {
      return severity;
    }
    if (pushedWithin != null
        && candidate.pushTime() != null
        && candidate.pushTime().isBefore(now.minus(pushedWithin))) {
      return no(
          Reason.PUSHED_TOO_LONG_AGO,
          "it was pushed at "
              + candidate.pushTime()
              + ", more than "
              + source.pushedWithin()
              + " ago");
    }
    return new Decision.Matched(matching);
  }

  private @Nullable Decision decideLabels(Set<String> has) {
    Labels rule = source.labels();
    if (rule == null) {
      return null;
    }
    if (rule.all() != null) {
      for (String label : rule.all()) {
        if (!has.contains(label)) {
          return no(Reason.LABEL_MISSING, "label '" + label + "' is missing");
        }
      }
    }
    if (rule.any() != null && rule.any().stream().noneMatch(has::contains)) {
      return no(Reason.LABEL_MISSING, "none of the labels " + rule.any() + " is there");
    }
    if (rule.none() != null) {
      for (String label : rule.none()) {
        if (has.contains(label)) {
          return no(Reason.LABEL_EXCLUDED, "it carries the label '" + label + "'");
        }
      }
    }
    return null;
  }

  private @Nullable Decision decideSignature(Set<SignatureKind> has) {
    if (source.signature() == null || source.signature().anyOf().stream().anyMatch(has::contains)) {
      return null;
    }
    return no(
        Reason.NOT_SIGNED,
        "it has none of the signatures "
            + source.signature().anyOf().stream().map(Selector::asWritten).toList());
  }

  private @Nullable Decision decideSeverity(@Nullable String worst) {
    if (source.vulnerability() == null) {
      return null;
    }
    Severity ceiling = source.vulnerability().maxSeverity();
    if (worst == null) {
      return no(Reason.NOT_SCANNED, "it has no finished vulnerability report");
    }
    Severity severity = severity(worst);
    if (severity == null || severity.compareTo(ceiling) > 0) {
      return no(
          Reason.TOO_VULNERABLE,
          "its worst severity is " + worst + ", the ceiling is " + asWritten(ceiling));
    }
    return null;
  }

  /** Harbor's words for severities; null for one that is not known, which is taken as the worst. */
  private static @Nullable Severity severity(String harborWord) {
    return switch (harborWord.toLowerCase(Locale.ROOT)) {
      case "none", "unknown" -> Severity.NONE;
      case "negligible" -> Severity.NEGLIGIBLE;
      case "low" -> Severity.LOW;
      case "medium" -> Severity.MEDIUM;
      case "high" -> Severity.HIGH;
      case "critical" -> Severity.CRITICAL;
      default -> null;
    };
  }

  /**
   * Harbor's names of a type. A model is CNAI to a Harbor that knows its media types; to others, as
   * to those before 2.13, it is what stands before {@code .config.} in the config's media type.
   */
  private static Stream<String> harborTypes(String name) {
    return name.equalsIgnoreCase("Model")
        ? Stream.of("CNAI", "MODEL")
        : Stream.of(name.toUpperCase(Locale.ROOT));
  }

  /** A value as it is in YAML: messages speak as the policy does. */
  private static String asWritten(Enum<?> value) {
    return value.name().charAt(0) + value.name().substring(1).toLowerCase(Locale.ROOT);
  }

  private static Duration duration(String field, String text) {
    try {
      return DurationText.parse(text);
    } catch (IllegalArgumentException e) {
      throw new SelectorException(field, String.valueOf(e.getMessage()));
    }
  }

  private static Decision no(Reason reason, String message) {
    return new Decision.NotMatched(reason, message);
  }
}
