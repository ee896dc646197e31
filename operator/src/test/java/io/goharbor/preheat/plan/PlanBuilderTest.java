package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.TaskState;
import io.goharbor.preheat.api.TaskStatus;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanBuilderTest {
  private static final ObjectKey EU = new ObjectKey("default", "eu");
  private static final ObjectKey US = new ObjectKey("default", "us");

  private final PlanBuilder builder = new PlanBuilder();

  @Test
  void a_digest_under_five_tags_is_one_task_for_each_provider() {
    for (String tag : List.of("1.4.2", "1.4", "1", "latest", "stable")) {
      builder.selected("shop/web", "sha256:a");
      builder.add(manifest("a"), null, null, List.of(tag));
    }
    Plan plan = builder.build(List.of(EU, US), false);
    assertThat(plan.artifacts()).isEqualTo(1);
    assertThat(plan.tasks())
        .extracting(TaskStatus::artifact)
        .containsOnly("shop/web:1,1.4,1.4.2,latest,stable")
        .hasSize(2);
    assertThat(plan.tasks())
        .extracting(TaskStatus::provider)
        .containsExactly("default/eu", "default/us");
    assertThat(plan.tasks()).extracting(TaskStatus::id).doesNotHaveDuplicates();
  }

  @Test
  void a_manifest_that_two_indexes_share_is_one_task_and_names_both() {
    builder.selected("shop/web", "sha256:first");
    builder.add(manifest("a"), "linux/amd64", null, List.of("1.0"));
    builder.add(manifest("b"), "linux/arm64", null, List.of("1.0"));
    builder.selected("shop/web", "sha256:second");
    builder.add(manifest("a"), "linux/amd64", null, List.of("1.1"));
    builder.add(manifest("c"), "linux/arm64", null, List.of("1.1"));
    Plan plan = builder.build(List.of(EU), false);
    assertThat(plan.artifacts()).isEqualTo(2);
    assertThat(plan.tasks())
        .extracting(TaskStatus::artifact)
        .containsExactly("shop/web:1.0,1.1", "shop/web:1.0", "shop/web:1.1");
  }

  @Test
  void the_same_digest_in_another_repository_is_another_task() {
    builder.add(manifest("a"), null, null, List.of("1.0"));
    builder.add(
        new ImageManifest("https://h", "shop", "api", "sha256:a", "m", List.of()),
        null,
        null,
        List.of("1.0"));
    assertThat(builder.build(List.of(EU), false).tasks()).hasSize(2);
  }

  @Test
  void a_copy_is_a_task_of_its_own_that_names_its_artifact() {
    builder.add(manifest("a"), "linux/amd64", null, List.of("1.0"));
    builder.add(manifest("n"), "linux/amd64", AccessoryKind.NYDUS, List.of("1.0"));
    Plan plan = builder.build(List.of(EU), true);
    assertThat(plan.tasks())
        .extracting(TaskStatus::artifact, TaskStatus::digest, TaskStatus::accessory)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("shop/web:1.0", "sha256:a", null),
            org.assertj.core.groups.Tuple.tuple("shop/web:1.0", "sha256:n", AccessoryKind.NYDUS));
    assertThat(plan.tasks()).extracting(TaskStatus::state).containsOnly(TaskState.PLANNED);
  }

  @Test
  void reasons_of_parts_come_after_those_of_artifacts() {
    builder.skip("shop/web:1", Reason.NOT_RUNNABLE, "a build attestation");
    builder.skip("shop/web:1", Reason.PLATFORM_NOT_SELECTED, "linux/s390x");
    builder.missing("shop/api:1", Reason.PULL_DENIED, "not signed");
    Plan plan = builder.build(List.of(EU), false);
    assertThat(plan.missing()).isEqualTo(1);
    assertThat(plan.skipped())
        .extracting(SkippedReason::reason)
        .containsExactly("PullDenied", "PlatformNotSelected", "NotRunnable");
  }

  @Test
  void of_many_of_one_reason_five_are_named_and_all_counted() {
    for (int i = 0; i < 100; i++) {
      builder.skip("shop/web:" + i, Reason.TAG_NOT_SELECTED, "no");
    }
    assertThat(builder.build(List.of(EU), false).skipped())
        .singleElement()
        .satisfies(skipped -> {
          assertThat(skipped.count()).isEqualTo(100);
          assertThat(skipped.samples()).hasSize(5);
        });
  }

  private static ImageManifest manifest(String digest) {
    return new ImageManifest(
        "https://h",
        "shop",
        "web",
        "sha256:" + digest,
        "m",
        List.of(new ImageManifest.Blob("sha256:layer", 10)));
  }
}
