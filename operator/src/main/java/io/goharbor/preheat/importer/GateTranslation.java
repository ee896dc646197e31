package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.ArtifactSelector.Severity;
import io.goharbor.preheat.api.ArtifactSelector.Signature;
import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.api.ArtifactSelector.Vulnerability;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signatures and severities. Harbor drops what a policy says of them at each run and goes by the
 * project's settings (its {@code src/controller/p2p/preheat/enforcer.go}); of these, content trust
 * makes it select nothing since 2.9, for it looks for signatures of a Notary that is gone. Here
 * both count, the policy's and the project's.
 */
final class GateTranslation {
  private static final String SIGNATURE = "spec.selector.signature";
  private static final String VULNERABILITY = "spec.selector.vulnerability";

  /** What Harbor takes an artifact for that has no report. */
  private static final int UNSCANNED = 99;

  private final Project project;
  private final Consumer<Note> notes;

  GateTranslation(Project project, Consumer<Note> notes) {
    this.project = project;
    this.notes = notes;
  }

  /**
   * The signature that is wanted.
   *
   * @param ofPolicy whether a filter of the policy wants one
   */
  @Nullable Signature signature(boolean ofPolicy) {
    boolean cosign = project.on("enable_content_trust_cosign");
    boolean notation = project.on("enable_content_trust");
    if (ofPolicy) {
      note(
          SIGNATURE,
          "The policy's filter signature, which Harbor ignores, takes effect here: what is not signed"
              + " is skipped as NotSigned. Remove it to select what Harbor selected.");
    }
    if (cosign) {
      note(
          SIGNATURE,
          "The project hands out only what Cosign signed. Harbor's preheat does not look at that,"
              + " and the provider's pull of anything else fails; here it is skipped.");
    }
    if (notation) {
      note(
          SIGNATURE,
          "The project hands out only what Notation signed. With that setting Harbor 2.9 and later"
              + " preheat nothing at all; here what is signed is preheated.");
    }
    if (cosign && notation) {
      note(
          SIGNATURE,
          "The project wants both, here one is enough to be selected; what lacks the other fails with"
              + " PullDenied.");
    }
    if (!ofPolicy && !cosign && !notation) {
      return null;
    }
    List<SignatureKind> kinds = new ArrayList<>();
    if (cosign || !notation) {
      kinds.add(SignatureKind.COSIGN);
    }
    if (notation || !cosign) {
      kinds.add(SignatureKind.NOTATION);
    }
    return new Signature(kinds);
  }

  /**
   * The ceiling of severity.
   *
   * @param below the filter of the policy, which wants less than this code of a severity; null:
   *     none
   */
  @Nullable Vulnerability vulnerability(@Nullable Integer below) {
    Severity ofPolicy = below == null ? null : ofPolicy(below);
    Severity ofProject = ofProject();
    if (ofPolicy == null) {
      return ofProject == null ? null : new Vulnerability(ofProject);
    }
    return new Vulnerability(
        ofProject == null || ofPolicy.compareTo(ofProject) < 0 ? ofPolicy : ofProject);
  }

  private @Nullable Severity ofPolicy(int below) {
    if (below <= 0 || below > UNSCANNED) {
      note(
          VULNERABILITY,
          "The policy's filter vulnerability "
              + below
              + ", which Harbor ignores, would let "
              + (below <= 0 ? "nothing" : "everything")
              + " pass; left out.");
      return null;
    }
    Severity ceiling = ceiling(below);
    note(
        VULNERABILITY,
        "The policy's filter vulnerability "
            + below
            + ", which Harbor ignores, takes effect here: without a report NotScanned, worse than "
            + word(ceiling)
            + " TooVulnerable. Remove it to select what Harbor selected.");
    return ceiling;
  }

  private @Nullable Severity ofProject() {
    if (!project.on("prevent_vul")) {
      return null;
    }
    String word = project.settings().getOrDefault("severity", "");
    int code =
        switch (word.toLowerCase(Locale.ROOT)) {
          case "none", "unknown" -> 0;
          case "negligible" -> 1;
          case "low" -> 2;
          case "medium" -> 3;
          case "high" -> 4;
          case "critical" -> 5;
          default -> UNSCANNED;
        };
    if (code == 0) {
      note(
          VULNERABILITY,
          "The project hands out nothing that was scanned (prevent_vul from '"
              + word
              + "' on), so Harbor preheats nothing. Not carried over.");
      return null;
    }
    note(
        VULNERABILITY,
        "The project hands out only what is better than "
            + (word.isEmpty() ? "a severity it does not name" : word)
            + " (prevent_vul), and Harbor preheats no other. Harbor leaves out what the CVE allowlist"
            + " names; here that counts too.");
    return ceiling(code);
  }

  /** The worst that is still less than a code: None 0, Negligible 1, up to Critical 5. */
  private static Severity ceiling(int below) {
    Severity[] all = Severity.values();
    return all[Math.min(below - 1, all.length - 1)];
  }

  private static String word(Severity severity) {
    return severity.name().charAt(0) + severity.name().substring(1).toLowerCase(Locale.ROOT);
  }

  private void note(String path, String text) {
    notes.accept(new Note(path, text));
  }
}
