package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.kube.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How artifacts come into parts, and in which order parts have their turn. */
class SplitterTest {
  private static final ObjectKey DRAGONFLY = new ObjectKey("default", "dragonfly");
  private static final ObjectKey KRAKEN = new ObjectKey("p2p", "kraken");

  private final PreheatExecution whole = whole("nightly");
  private final Run run = run(List.of(DRAGONFLY, KRAKEN));
  private final List<PreheatExecution> stored = new ArrayList<>();

  @Test
  void every_artifact_is_in_one_part_of_each_provider_and_parts_stay_small() {
    Splitter splitter = new Splitter(whole, run, List.of(), stored::add);
    List<Selected> all = artifacts(2500);
    all.forEach(selected -> splitter.take(selected, StatusSizeEstimator.of(selected, run)));
    assertThat(splitter.finish()).isEqualTo(stored.size()).isGreaterThan(10);

    for (ObjectKey provider : List.of(DRAGONFLY, KRAKEN)) {
      List<String> digests =
          stored.stream()
              .filter(part -> Parts.provider(part).equals(provider))
              .flatMap(part -> refs(part).stream())
              .map(ArtifactRef::digest)
              .toList();
      assertThat(digests).hasSize(all.size()).doesNotHaveDuplicates();
    }
    assertThat(stored).extracting(Parts::number).isEqualTo(numbers(stored.size()));
    assertThat(stored)
        .allSatisfy(part -> {
          assertThat(part.getMetadata().getName())
              .isEqualTo("nightly-p%04d".formatted(Parts.number(part)));
          assertThat(part.getMetadata().getOwnerReferences())
              .singleElement()
              .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("uid of nightly"));
          assertThat(Serialization.asJson(part).getBytes(StandardCharsets.UTF_8).length)
              .as("with place for its tasks")
              .isLessThan(512 * 1024 - StatusSizeEstimator.MOST + Parts.MOST_ARTIFACTS * 150);
        });
  }

  @Test
  void after_a_crash_at_any_moment_the_same_artifacts_are_covered_once() {
    List<Selected> all = artifacts(1500);
    Splitter undisturbed = new Splitter(whole, run, List.of(), stored::add);
    all.forEach(selected -> undisturbed.take(selected, StatusSizeEstimator.of(selected, run)));
    int parts = undisturbed.finish();

    for (int crash = 0; crash < parts; crash++) {
      List<PreheatExecution> survived = new ArrayList<>(stored.subList(0, crash));
      // Meanwhile Harbor may tell in another order, and has something new.
      List<Selected> again = new ArrayList<>(all);
      java.util.Collections.shuffle(again, new Random(crash));
      again.add(artifact(1_000_000));
      Splitter second = new Splitter(whole, run, List.copyOf(survived), survived::add);
      again.forEach(selected -> second.take(selected, StatusSizeEstimator.of(selected, run)));
      assertThat(second.finish()).isEqualTo(survived.size());

      Map<ObjectKey, List<String>> covered = new HashMap<>();
      survived.forEach(part ->
          refs(part)
              .forEach(ref ->
                  covered
                      .computeIfAbsent(Parts.provider(part), key -> new ArrayList<>())
                      .add(String.valueOf(ref.digest()))));
      assertThat(covered.values())
          .hasSize(2)
          .allSatisfy(digests -> assertThat(digests).hasSize(again.size()).doesNotHaveDuplicates());
      Set<String> names = new HashSet<>();
      assertThat(survived).allMatch(part -> names.add(part.getMetadata().getName()));
    }
  }

  @Test
  void one_artifact_that_fills_a_part_has_one_of_its_own() {
    Splitter splitter = new Splitter(whole, run(List.of(DRAGONFLY)), List.of(), stored::add);
    artifacts(3).forEach(selected -> splitter.take(selected, StatusSizeEstimator.MOST));
    splitter.finish();
    assertThat(stored).hasSize(3).allMatch(part -> refs(part).size() == 1);
  }

  @Test
  void four_parts_of_a_provider_have_their_turn_at_a_time() {
    Splitter splitter = new Splitter(whole, run, List.of(), stored::add);
    for (int i = 0; i < 6; i++) {
      splitter.take(artifact(i), StatusSizeEstimator.MOST);
    }
    splitter.finish();
    assertThat(due()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);

    end(stored.get(0));
    end(stored.get(2));
    assertThat(due())
        .as("two of the first provider ended")
        .containsExactly(2, 4, 5, 6, 7, 8, 9, 11);
    for (PreheatExecution part : stored) {
      if (!Parts.ended(part)) {
        assertThat(Parts.mayBegin(part, stored))
            .as("part %s", Parts.number(part))
            .isEqualTo(due().contains(Parts.number(part)));
      }
    }
  }

  private List<Integer> due() {
    return Parts.due(stored).stream().map(Parts::number).toList();
  }

  private static void end(PreheatExecution part) {
    part.setStatus(Serialization.unmarshal("phase: Failed", PreheatExecutionStatus.class));
  }

  private static List<Integer> numbers(int count) {
    return IntStream.rangeClosed(1, count).boxed().toList();
  }

  private static List<ArtifactRef> refs(PreheatExecution part) {
    List<ArtifactRef> refs = part.getSpec().artifacts();
    assertThat(refs).isNotNull();
    return refs == null ? List.of() : refs;
  }

  private static List<Selected> artifacts(int count) {
    return IntStream.range(0, count).mapToObj(SplitterTest::artifact).toList();
  }

  private static Selected artifact(int number) {
    List<String> tags = List.of("v" + number);
    return new Selected(
        new HarborArtifact(
            "shop",
            "team/app-" + number % 40,
            "sha256:%064d".formatted(number),
            "IMAGE",
            "",
            1000,
            tags,
            Set.of(),
            List.of(),
            HarborArtifact.Scan.NONE,
            Instant.EPOCH,
            List.of(),
            HarborArtifact.Dates.NONE),
        tags);
  }

  private static PreheatExecution whole(String name) {
    PreheatExecution execution = new PreheatExecution();
    execution.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("default")
            .withName(name)
            .withUid("uid of " + name)
            .build());
    execution.setSpec(
        PreheatExecutionSpec.ofPolicy("nightly", null, PreheatExecutionSpec.Trigger.SCHEDULE));
    return execution;
  }

  private static Run run(List<ObjectKey> providers) {
    return new Run(
        new ObjectKey("default", "main"),
        new HarborRegistrySpec("https://h.example.com", null, null, null, null, null, null),
        providers,
        null,
        Settings.of(
            PreheatExecutionSpec.ofPolicy("p", null, PreheatExecutionSpec.Trigger.SCHEDULE), null),
        new ObjectKey("default", "group"),
        Operation.PREHEAT,
        false,
        false,
        Run.Control.NONE);
  }
}
