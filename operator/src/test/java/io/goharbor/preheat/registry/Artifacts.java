package io.goharbor.preheat.registry;

import io.goharbor.preheat.harbor.HarborArtifact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Artifacts as Harbor describes them. */
final class Artifacts {
  static final String DIGEST = "sha256:" + "a".repeat(64);

  private Artifacts() {}

  static HarborArtifact pushed(@Nullable Instant time) {
    return of(time, Map.of(), Set.of(), List.of(), Map.of());
  }

  static HarborArtifact of(
      @Nullable Instant pushed,
      Map<String, Instant> tags,
      Set<String> labels,
      List<HarborArtifact.Accessory> accessories,
      Map<String, Instant> attached) {
    return new HarborArtifact(
        "shop",
        "web",
        DIGEST,
        "IMAGE",
        "",
        1000,
        tags.keySet().stream().sorted().toList(),
        labels,
        accessories,
        HarborArtifact.Scan.NONE,
        pushed,
        List.of(),
        new HarborArtifact.Dates(tags, attached));
  }
}
