package io.goharbor.preheat.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages hang together: links lead somewhere, and everything can be found from the index. */
class PagesTest {
  private static final String INDEX = "docs/README.md";
  private static final List<String> DECISION =
      List.of("Status", "Context", "Decision", "Consequences", "Alternatives");

  private final Map<String, Page> pages =
      Page.all().stream()
          .collect(
              Collectors.toMap(Page::name, page -> page, (one, other) -> one, LinkedHashMap::new));

  @Test
  void every_link_within_the_repository_finds_its_file_and_heading() {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Page page : pages.values()) {
      for (String link : page.links()) {
        if (link.contains("://") || link.startsWith("mailto:")) {
          continue;
        }
        links++;
        String anchor = link.contains("#") ? link.substring(link.indexOf('#') + 1) : "";
        Path file = file(page, link);
        Page target = pages.get(Page.name(file));
        if (!Files.exists(file)) {
          broken.add(page.name() + " -> " + link);
        } else if (!anchor.isEmpty() && (target == null || !target.anchors().contains(anchor))) {
          broken.add(page.name() + " -> " + link + ": no such heading");
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).as("links found").isGreaterThan(50);
  }

  @Test
  void every_page_can_be_reached_from_the_index() {
    Set<String> reached = new TreeSet<>();
    Deque<String> next = new ArrayDeque<>(List.of(INDEX));
    while (!next.isEmpty()) {
      Page page = pages.get(next.remove());
      if (page != null && reached.add(page.name())) {
        page.links().stream()
            .filter(link -> !link.contains("://"))
            .map(link -> Page.name(file(page, link)))
            .forEach(next::add);
      }
    }
    assertThat(pages.keySet()).as("pages that nothing leads to from " + INDEX).isSubsetOf(reached);
  }

  @Test
  void every_example_is_named_in_the_index() throws Exception {
    Set<String> named =
        Stream.of(INDEX, "docs/quickstart.md")
            .flatMap(name -> page(name).links().stream().map(link -> file(page(name), link)))
            .map(Page::name)
            .collect(Collectors.toSet());
    try (Stream<Path> files = Files.walk(Page.ROOT.resolve("examples"))) {
      assertThat(files.filter(Files::isRegularFile).map(Page::name)).isSubsetOf(named);
    }
  }

  /** The reference says what a reason is; operations says what to do about it. */
  @Test
  void every_reason_is_in_operations_with_what_to_do() {
    Set<String> covered = new TreeSet<>();
    for (List<String> row : page("docs/operations.md").rows()) {
      if (row.size() > 1 && row.getLast().length() > 3) {
        covered.addAll(Page.words(row.getFirst()));
      }
    }
    assertThat(Stream.of(Reason.values()).map(Reason::toString)).isSubsetOf(covered);
  }

  /** As docs/adr/0001-record-architecture-decisions.md has it. */
  @Test
  void every_decision_has_its_five_sections_in_order_and_is_in_the_index() {
    List<Page> decisions =
        pages.values().stream().filter(page -> page.name().startsWith("docs/adr/")).toList();
    assertThat(decisions).as("decisions found").hasSizeGreaterThan(10);
    Set<String> indexed =
        page(INDEX).links().stream()
            .map(link -> Page.name(file(page(INDEX), link)))
            .collect(Collectors.toSet());
    assertThat(decisions)
        .allSatisfy(decision -> {
          Map<String, String> sections = decision.sections();
          assertThat(sections.keySet().stream().filter(DECISION::contains))
              .as("sections of " + decision.name())
              .containsExactlyElementsOf(DECISION);
          assertThat(sections.entrySet())
              .allSatisfy(section ->
                  assertThat(section.getValue())
                      .as(decision.name() + ", " + section.getKey())
                      .isNotEmpty());
          assertThat(sections.get("Status"))
              .as("status of " + decision.name())
              .matches("(Proposed|Accepted|Superseded by)\\b.*");
          assertThat(indexed).as("decisions in " + INDEX).contains(decision.name());
        });
  }

  @Test
  void anchors_are_made_as_github_makes_them() {
    Page page =
        Page.of(
            "p.md",
            """
            # What `it` does: [this](that.md), 100 %
            ## Twice
            ## Twice
            ```text
            # no heading
            ```
            """);
    assertThat(page.anchors())
        .containsExactlyInAnyOrder("what-it-does-this-100-", "twice", "twice-1");
  }

  private Page page(String name) {
    Page page = pages.get(name);
    if (page == null) {
      throw new AssertionError("there is no " + name);
    }
    return page;
  }

  private static Path file(Page page, String link) {
    String path = link.contains("#") ? link.substring(0, link.indexOf('#')) : link;
    Path of = Page.ROOT.resolve(page.name());
    return path.isEmpty() ? of : of.resolveSibling(path).normalize();
  }
}
