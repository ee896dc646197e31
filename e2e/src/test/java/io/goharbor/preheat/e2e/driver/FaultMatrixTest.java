package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Brings every fault about, over real HTTP against the simulators, checks what the drivers make of
 * it, and keeps the page of the documentation the same as what was seen. {@code -Ddocs.update=true}
 * writes the page.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated("two time limits race in one of its rows")
class FaultMatrixTest {
  private static final Path PAGE = Path.of("../docs/fault-matrix.md");

  /** What the page must tell of every system, by words of the rows' names. */
  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          "Dragonfly",
          List.of(
              "Connection refused",
              "Certificate",
              "401",
              "403",
              "404",
              "409",
              "429",
              "500",
              "502 on one look",
              "Time-out",
              "Half-closed",
              "Invalid JSON",
              "Unknown state",
              "Job vanished",
              "Manager restarted",
              "Lying success",
              "Partial failure",
              "1,000 peers"),
          "Kraken",
          List.of(
              "Connection refused",
              "Certificate",
              "401",
              "403",
              "404",
              "409",
              "429",
              "500",
              "502 on one look",
              "Time-out",
              "Half-closed",
              "Invalid answer",
              "Unknown state",
              "Work vanished",
              "Ring changed",
              "Kraken restarted",
              "Lying success",
              "Partial failure",
              "Many origins"));

  private final DragonflyFaultRows dragonfly = new DragonflyFaultRows();
  private final Map<String, List<FaultRow>> systems = new LinkedHashMap<>();
  private final Map<FaultRow, FaultRow.Result> seen = new ConcurrentHashMap<>();

  FaultMatrixTest() {
    systems.put("Dragonfly", dragonfly.rows());
    systems.put("Kraken", new KrakenFaultRows().rows());
  }

  @AfterAll
  void close() {
    dragonfly.close();
  }

  @TestFactory
  Stream<DynamicTest> faults() {
    Stream<DynamicTest> each =
        systems.entrySet().stream()
            .flatMap(system ->
                system.getValue().stream()
                    .map(row ->
                        DynamicTest.dynamicTest(
                            system.getKey() + ": " + row.behaviour(), () -> check(row))));
    return Stream.concat(
        each,
        Stream.of(
            DynamicTest.dynamicTest("every behaviour has a row", this::complete),
            DynamicTest.dynamicTest("the page says what was seen", this::page)));
  }

  private void check(FaultRow row) throws Exception {
    FaultRow.Result result = FaultRow.Result.of(row.act().call());
    seen.put(row, result);
    assertThat(result.outcome()).as(result.message()).isEqualTo(row.expected());
    assertThat(result.message().length()).as("bounded").isLessThan(1024);
  }

  private void complete() {
    REQUIRED.forEach((system, behaviours) ->
        assertThat(systems.getOrDefault(system, List.of()))
            .extracting(FaultRow::behaviour)
            .satisfies(rows ->
                assertThat(behaviours)
                    .allSatisfy(behaviour ->
                        assertThat(rows).as(system).anyMatch(row -> row.startsWith(behaviour)))));
  }

  private void page() throws IOException {
    String page = render();
    if (Boolean.getBoolean("docs.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/fault-matrix.md differs from what the drivers did: write it with"
                + " ./mvnw -pl e2e -am test -Dtest=FaultMatrixTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.update=true")
        .isEqualTo(page);
  }

  private String render() {
    StringBuilder page = new StringBuilder(INTRODUCTION);
    systems.forEach((system, rows) -> {
      page.append("\n## ").append(system).append("\n\n");
      page.append("| What happens | Class | What follows | What people see |\n|---|---|---|---|\n");
      List<String> lines = new ArrayList<>();
      for (FaultRow row : rows) {
        FaultRow.Result result = seen.get(row);
        lines.add(
            "| "
                + row.behaviour()
                + " | "
                + row.expected().classification
                + " | "
                + row.expected().consequence
                + " | "
                + (result == null || result.message().isEmpty()
                    ? "–"
                    : "`" + result.stableMessage() + "`")
                + " |\n");
      }
      lines.forEach(page::append);
    });
    return page.toString();
  }

  private static final String INTRODUCTION =
      """
      # Fault matrix

      What the operator makes of everything that a provider, or the network before it, can do wrong.
      The tables are generated by a test that brings each fault about over HTTP and writes down what
      the driver answered.

      | Class | Means |
      |---|---|
      | goes on | nothing has to be done |
      | wait | no fault of the task: it waits, and no attempt is used up |
      | retry | worth another try; attempts are limited by `backoffLimit`, looks are not |
      | permanent | will never work as it is; a person has to change something |
      | unknown | no one knows yet: the job is looked for, or the peers are asked |
      | unverified | the work was sent and no one can tell what became of it |
      | judged | what the peers hold decides, against `verification.minimumWarmPercent` |
      """;
}
