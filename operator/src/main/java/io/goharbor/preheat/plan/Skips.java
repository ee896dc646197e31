package io.goharbor.preheat.plan;

import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionStatus.SkippedReason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the parts of a run left out, together with what the run itself left out. */
public final class Skips {
  private static final int SAMPLES = 5;

  private Skips() {}

  public static List<SkippedReason> merged(List<SkippedReason> own, List<PreheatExecution> parts) {
    Map<String, SkippedReason> all = new LinkedHashMap<>();
    own.forEach(skip -> all.merge(skip.reason(), skip, Skips::plus));
    for (PreheatExecution part : parts) {
      List<SkippedReason> skips = Parts.status(part).skipped();
      if (skips != null) {
        skips.forEach(skip -> all.merge(skip.reason(), skip, Skips::plus));
      }
    }
    return List.copyOf(all.values());
  }

  private static SkippedReason plus(SkippedReason one, SkippedReason other) {
    List<SkippedReason.Sample> samples = new ArrayList<>();
    if (one.samples() != null) {
      samples.addAll(one.samples());
    }
    if (other.samples() != null) {
      other.samples().stream().limit(Math.max(0, SAMPLES - samples.size())).forEach(samples::add);
    }
    return new SkippedReason(one.reason(), one.count() + other.count(), List.copyOf(samples));
  }
}
