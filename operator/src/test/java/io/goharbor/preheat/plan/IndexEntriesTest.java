package io.goharbor.preheat.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.Manifest;
import io.goharbor.preheat.harbor.Manifest.Entry;
import io.goharbor.preheat.harbor.Manifest.EntryKind;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IndexEntriesTest {
  private final Map<String, Manifest> registry = new HashMap<>();
  private final AtomicInteger reads = new AtomicInteger();

  @Test
  void what_is_in_an_inner_index_has_its_platform_unless_it_names_its_own() throws Exception {
    registry.put(
        "inner", index(manifest("a", null), manifest("b", "linux/arm64"), manifest("c", null)));
    IndexEntries entries =
        gather(
            List.of("linux/amd64"),
            index(manifest("top", null), entry("inner", EntryKind.INDEX, "linux/amd64")));
    assertThat(entries.taken())
        .extracting(IndexEntries.Part::digest, IndexEntries.Part::platform)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("top", null),
            org.assertj.core.groups.Tuple.tuple("a", "linux/amd64"),
            org.assertj.core.groups.Tuple.tuple("c", "linux/amd64"));
    assertThat(entries.left())
        .singleElement()
        .satisfies(leave -> assertThat(leave.reason()).isEqualTo(Reason.PLATFORM_NOT_SELECTED));
    assertThat(entries.present()).containsExactly("linux/amd64", "linux/arm64");
  }

  @Test
  void an_inner_index_that_is_gone_or_none_takes_nothing_from_the_rest() throws Exception {
    registry.put(
        "plain",
        new Manifest.Blobs(
            new ImageManifest("https://h", "shop", "web", "plain", "m", List.of()), null, false));
    IndexEntries entries =
        gather(
            List.of(),
            index(
                entry("gone", EntryKind.INDEX, null),
                entry("plain", EntryKind.INDEX, null),
                manifest("a", null)));
    assertThat(entries.taken()).extracting(IndexEntries.Part::digest).containsExactly("plain", "a");
  }

  @Test
  void depth_has_an_end() throws Exception {
    registry.put("2", index(manifest("in 2", null), entry("3", EntryKind.INDEX, null)));
    registry.put("3", index(manifest("in 3", null), entry("4", EntryKind.INDEX, null)));
    IndexEntries entries = gather(List.of(), index(entry("2", EntryKind.INDEX, null)));
    assertThat(entries.taken())
        .extracting(IndexEntries.Part::digest)
        .containsExactly("in 2", "in 3");
    assertThat(entries.left())
        .singleElement()
        .satisfies(leave -> assertThat(leave.message()).contains("4", "deeper than 3"));
  }

  @Test
  void small_manifests_cannot_name_millions() throws Exception {
    registry.put("2", index(Collections.nCopies(900, entry("3", EntryKind.INDEX, null))));
    registry.put("3", index(Collections.nCopies(900, manifest("a", null))));
    IndexEntries entries =
        gather(List.of(), index(Collections.nCopies(900, entry("2", EntryKind.INDEX, null))));
    assertThat(entries.tooMany()).isTrue();
    assertThat(entries.taken()).hasSizeLessThan(IndexEntries.MOST);
    assertThat(reads).hasValueLessThan(IndexEntries.MOST);
  }

  private IndexEntries gather(List<String> platforms, Manifest.Index index)
      throws RemoteCallException {
    IndexEntries entries =
        new IndexEntries(
            platforms,
            Set.of(),
            digest -> {
              reads.incrementAndGet();
              return Optional.ofNullable(registry.get(digest));
            });
    entries.gather(index, null);
    return entries;
  }

  private static Manifest.Index index(Entry... entries) {
    return index(List.of(entries));
  }

  private static Manifest.Index index(List<Entry> entries) {
    return new Manifest.Index("top", null, entries);
  }

  private static Entry manifest(String digest, @Nullable String platform) {
    return entry(digest, EntryKind.MANIFEST, platform);
  }

  private static Entry entry(String digest, EntryKind kind, @Nullable String platform) {
    return new Entry(digest, kind, "m", platform);
  }
}
