package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.AccessoryKind;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.harbor.Manifest.EntryKind;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryChoiceTest {
  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, true",
    "linux/amd64, linux/arm64, false",
    "linux/amd64, windows/amd64, false",
    "linux/amd64, linux/386, false",
    "linux/x86_64, linux/amd64, true",
    "linux/aarch64, linux/arm64/v8, true",
    "linux/arm64, linux/arm64, true",
    "linux/arm64, linux/arm64/v8, true",
    "linux/arm64/v8, linux/arm64, true",
    "linux/arm64/v8, linux/arm64/8, true",
    "linux/arm64/v9, linux/arm64, false",
    "linux/arm, linux/arm/v6, true",
    "linux/arm, linux/arm64, false",
    "linux/arm/v7, linux/arm, true",
    "linux/arm/v7, linux/arm/v6, false",
    "linux/armhf, linux/arm/v7, true",
    "linux/armel, linux/arm/v7, false",
    "linux/amd64, linux/amd64/v3, true",
    "linux/amd64/v1, linux/amd64, true",
    "linux/amd64/v3, linux/amd64, false",
    "linux/riscv64, linux/riscv64, true",
    "linux/amd64, , true"
  })
  void a_wish_takes_a_platform(String wish, @Nullable String platform, boolean taken) {
    assertThat(Platforms.wanted(List.of(wish), platform)).isEqualTo(taken);
    assertThat(Platforms.wanted(List.of("plan9/mips", wish), platform)).isEqualTo(taken);
    assertThat(Platforms.wanted(List.of(), platform)).isTrue();
  }

  @Test
  void a_platform_never_takes_the_image_and_its_nydus_copy_unasked() {
    Manifest.Entry image = entry(EntryKind.MANIFEST, "linux/amd64");
    Manifest.Entry copy = entry(EntryKind.NYDUS, "linux/amd64");
    List<String> wish = List.of("linux/amd64");
    assertThat(EntryChoice.of(image, wish, Set.of())).isEqualTo(new EntryChoice.Take(null));
    assertLeft(copy, wish, Set.of(), Reason.ACCESSORY_NOT_SELECTED, "accessories: [Nydus]");
    Set<AccessoryKind> nydus = Set.of(AccessoryKind.NYDUS);
    assertThat(EntryChoice.of(image, wish, nydus)).isEqualTo(new EntryChoice.Take(null));
    assertThat(EntryChoice.of(copy, wish, nydus))
        .isEqualTo(new EntryChoice.Take(AccessoryKind.NYDUS));
    assertLeft(
        copy,
        List.of("linux/arm64"),
        nydus,
        Reason.PLATFORM_NOT_SELECTED,
        "linux/amd64, platforms takes linux/arm64");
  }

  @Test
  void what_no_node_pulls_is_left_out_whatever_is_wished() {
    assertLeft(
        entry(EntryKind.ATTESTATION, "unknown/unknown"),
        List.of(),
        Set.of(),
        Reason.NOT_RUNNABLE,
        "a build attestation");
    assertLeft(
        entry(EntryKind.OTHER, null),
        List.of(),
        Set.of(),
        Reason.NOT_RUNNABLE,
        "its media type is some/type");
  }

  @Test
  void an_index_in_an_index_is_looked_into_unless_its_platform_is_not_wanted() {
    assertThat(EntryChoice.of(entry(EntryKind.INDEX, null), List.of("linux/amd64"), Set.of()))
        .isEqualTo(new EntryChoice.Descend());
    assertLeft(
        entry(EntryKind.INDEX, "linux/s390x"),
        List.of("linux/amd64"),
        Set.of(),
        Reason.PLATFORM_NOT_SELECTED,
        "linux/s390x");
  }

  private static Manifest.Entry entry(EntryKind kind, @Nullable String platform) {
    return new Manifest.Entry("sha256:1", kind, "some/type", platform);
  }

  private static void assertLeft(
      Manifest.Entry entry,
      List<String> platforms,
      Set<AccessoryKind> accessories,
      Reason reason,
      String words) {
    assertThat(EntryChoice.of(entry, platforms, accessories))
        .isInstanceOfSatisfying(
            EntryChoice.Leave.class,
            leave -> {
              assertThat(leave.reason()).isEqualTo(reason);
              assertThat(leave.message()).contains(words);
            });
  }
}
