package io.goharbor.preheat.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links within the repository lead somewhere. */
class DocumentationLinksTest {
  /** A link to a place that is neither on the web nor on the same page. */
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:\\s]+)(?:#[^)]*)?\\)");

  /** Code, in which brackets mean something else. */
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");

  @Test
  void every_link_to_a_file_finds_it() throws Exception {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      String text = CODE.matcher(Files.readString(page)).replaceAll("");
      for (MatchResult link : LINK.matcher(text).results().toList()) {
        links++;
        if (!Files.exists(page.resolveSibling(link.group(1)))) {
          broken.add(Golden.ROOT.relativize(page) + " -> " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).as("links found").isPositive();
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(Golden.ROOT);
        Stream<Path> docs = Files.walk(Golden.ROOT.resolve("docs"));
        Stream<Path> charts = Files.walk(Golden.ROOT.resolve("charts"))) {
      Stream.concat(top, Stream.concat(docs, charts))
          .filter(file -> file.toString().endsWith(".md"))
          .forEach(pages::add);
    }
    return pages;
  }
}
