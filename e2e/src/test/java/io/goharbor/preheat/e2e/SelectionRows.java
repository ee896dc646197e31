package io.goharbor.preheat.e2e;

import java.util.List;
import java.util.stream.Stream;

/** The selectors that {@link SelectionTest} tries, over the content that it pushes. */
final class SelectionRows {
  private static final String UNFINISHED = ": it has no finished vulnerability report";

  private SelectionRows() {}

  static Stream<Selection> all() {
    return Stream.of(names(), labels(), kinds(), signatures(), scans(), times())
        .flatMap(List::stream);
  }

  private static List<Selection> names() {
    return List.of(
        row(
            "projects: {include: ['team-*'], exclude: ['*-b']}\ntags: {include: ['1.0']}",
            List.of("team-a/web:1.0", "team-a/api/web:1.0", "team-a/dev-tools:1.0"),
            "TagNotSelected team-a/web:latest: tag 'latest' matches none of [1.0]",
            "TagNotSelected team-a/web:2.0-rc1: tag '2.0-rc1' matches none of [1.0]"),
        row(
            """
            projects: {include: [team-a]}
            repositories: {include: ['**/web', 'dev-*'], exclude: ['**/dev-*']}
            tags: {include: ['[0-9]*', latest], exclude: ['*-rc*']}
            """,
            List.of("team-a/web:1.0", "team-a/web:latest", "team-a/api/web:1.0"),
            "RepositoryNotSelected team-a/dev-tools:1.0: repository 'dev-tools' is excluded by"
                + " '**/dev-*'",
            "TagNotSelected team-a/web:2.0-rc1: tag '2.0-rc1' is excluded by '*-rc*'"),
        // Named in full, nothing else is asked for, and so nothing else is told of.
        row(
            """
            projects: {include: [team-a, team-b]}
            repositories: {include: [web]}
            tags: {exclude: ['*-rc*', latest]}
            """,
            List.of("team-a/web:1.0", "team-b/web:1.0"),
            "TagNotSelected team-a/web:latest: tag 'latest' is excluded by 'latest'",
            "TagNotSelected team-a/web:2.0-rc1: tag '2.0-rc1' is excluded by '*-rc*'"),
        row(
            """
            projects: {include: [nowhere, team-b]}
            tags: {exclude: ['*-rc*', latest]}
            """,
            List.of("team-b/web:1.0"),
            "Forbidden project nowhere: there is no such project, or the account may not list its"
                + " artifacts"));
  }

  private static List<Selection> labels() {
    return List.of(
        row(
            "projects: {include: [labelled]}\nlabels: {all: [prod, eu], none: [no-preheat]}",
            List.of("labelled/gold:1"),
            "LabelMissing labelled/silver:1: label 'eu' is missing",
            "LabelMissing labelled/plain:1: label 'prod' is missing",
            "LabelExcluded labelled/barred:1: it carries the label 'no-preheat'"),
        row(
            "projects: {include: [labelled]}\nlabels: {any: [eu, us]}",
            List.of("labelled/gold:1", "labelled/barred:1"),
            "LabelMissing labelled/silver:1: none of the labels [eu, us] is there",
            "LabelMissing labelled/plain:1: none of the labels [eu, us] is there"),
        row(
            "projects: {include: [labelled]}\nlabels: {none: [prod]}",
            List.of("labelled/plain:1"),
            "LabelExcluded labelled/gold:1: it carries the label 'prod'",
            "LabelExcluded labelled/silver:1: it carries the label 'prod'",
            "LabelExcluded labelled/barred:1: it carries the label 'prod'"));
  }

  private static List<Selection> kinds() {
    return List.of(
        row(
            "projects: {include: [kinds]}",
            List.of("kinds/image:1"),
            "TypeNotSelected kinds/chart:1: its type is CHART, selector.artifactTypes takes IMAGE",
            "TypeNotSelected kinds/model:1: its type is CNAI, selector.artifactTypes takes IMAGE"),
        row(
            "projects: {include: [kinds]}\nartifactTypes: [Chart, Model]",
            List.of("kinds/chart:1", "kinds/model:1"),
            "TypeNotSelected kinds/image:1: its type is IMAGE, selector.artifactTypes takes CHART,"
                + " CNAI, MODEL"));
  }

  private static List<Selection> signatures() {
    return List.of(
        row(
            "projects: {include: [signed]}\nsignature: {anyOf: [Cosign]}",
            List.of("signed/cosign:1", "signed/both:1"),
            unsigned("notation", "[Cosign]"),
            unsigned("plain", "[Cosign]"),
            unsigned("listed", "[Cosign]")),
        row(
            "projects: {include: [signed]}\nsignature: {anyOf: [Notation]}",
            List.of("signed/notation:1", "signed/both:1"),
            unsigned("cosign", "[Notation]"),
            unsigned("plain", "[Notation]"),
            unsigned("listed", "[Notation]")),
        row(
            "projects: {include: [signed]}\nsignature: {anyOf: [Cosign, Notation]}",
            List.of("signed/cosign:1", "signed/notation:1", "signed/both:1"),
            unsigned("plain", "[Cosign, Notation]"),
            unsigned("listed", "[Cosign, Notation]")));
  }

  private static List<Selection> scans() {
    return List.of(
        row(
            """
            projects: {include: [scanned]}
            repositories: {include: [none, low, medium, high, critical, never, running, broken]}
            vulnerability: {maxSeverity: Medium}
            """,
            List.of("scanned/none:1", "scanned/low:1", "scanned/medium:1"),
            "TooVulnerable scanned/high:1: its worst severity is High, the ceiling is Medium",
            "TooVulnerable scanned/critical:1: its worst severity is Critical, the ceiling is"
                + " Medium",
            "NotScanned scanned/never:1" + UNFINISHED,
            "NotScanned scanned/running:1" + UNFINISHED,
            "NotScanned scanned/broken:1" + UNFINISHED),
        row(
            """
            projects: {include: [scanned]}
            repositories: {include: [none, low, critical]}
            vulnerability: {maxSeverity: None}
            """,
            List.of("scanned/none:1"),
            "TooVulnerable scanned/low:1: its worst severity is Low, the ceiling is None",
            "TooVulnerable scanned/critical:1: its worst severity is Critical, the ceiling is"
                + " None"),
        // A report must be there even if any would do.
        row(
            """
            projects: {include: [scanned]}
            repositories: {include: [critical, never]}
            vulnerability: {maxSeverity: Critical}
            """,
            List.of("scanned/critical:1"),
            "NotScanned scanned/never:1" + UNFINISHED),
        row(
            """
            projects: {include: [scanned]}
            repositories: {include: [index-fine, index-mixed, index-half, index-running,
              index-pending, index-broken]}
            vulnerability: {maxSeverity: Medium}
            """,
            List.of("scanned/index-fine:1"),
            "TooVulnerable scanned/index-mixed:1: its worst severity is Critical, the ceiling is"
                + " Medium",
            "NotScanned scanned/index-half:1" + UNFINISHED,
            "NotScanned scanned/index-running:1" + UNFINISHED,
            "NotScanned scanned/index-pending:1" + UNFINISHED,
            "NotScanned scanned/index-broken:1" + UNFINISHED,
            "PlatformNotSelected scanned/index-fine:1: linux/arm64, platforms takes linux/amd64",
            "NotRunnable scanned/index-fine:1: <digest> is a build attestation"));
  }

  private static List<Selection> times() {
    return List.of(
        row(
            "projects: {include: [aged]}\npushedWithin: 720h",
            List.of("aged/web:new"),
            "PushedTooLongAgo aged/web:old: it was pushed at <time>, more than 720h ago"),
        row(
            "projects: {include: [latest]}\nlatestPushed: 2",
            List.of("latest/web:3", "latest/web:1", "latest/api:1"),
            "NotAmongLatest latest/web:4: selector.latestPushed keeps the newest 2",
            "NotAmongLatest latest/web:2: selector.latestPushed keeps the newest 2"),
        // Among what the rest selects.
        row(
            "projects: {include: [latest]}\ntags: {exclude: ['3']}\nlatestPushed: 1",
            List.of("latest/web:1", "latest/api:1"),
            "TagNotSelected latest/web:3: tag '3' is excluded by '3'",
            "NotAmongLatest latest/web:2: selector.latestPushed keeps the newest 1",
            "NotAmongLatest latest/web:4: selector.latestPushed keeps the newest 1"));
  }

  private static String unsigned(String repository, String wanted) {
    return "NotSigned signed/" + repository + ":1: it has none of the signatures " + wanted;
  }

  private static Selection row(String selector, List<String> selected, String... left) {
    return new Selection(selector, selected, List.of(left));
  }
}
