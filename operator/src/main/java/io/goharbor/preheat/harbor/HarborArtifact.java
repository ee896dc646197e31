package io.goharbor.preheat.harbor;

import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import io.goharbor.preheat.matching.Candidate;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An artifact as Harbor's REST API describes it.
 *
 * @param repository without the project; may hold slashes
 * @param type Harbor's type in upper case, such as IMAGE, CNAI, CHART
 * @param mediaType of the manifest
 * @param labels names of the labels; empty unless {@link Detail#labels} was asked for
 * @param accessories what is attached to it; empty unless {@link Detail#accessories} was asked for
 * @param scan the vulnerability report; {@link Scan#NONE} unless {@link Detail#scan} was asked for
 * @param children manifests of an index, empty for anything else
 * @param dates when tags and accessories came
 */
public record HarborArtifact(
    String project,
    String repository,
    String digest,
    String type,
    String mediaType,
    long size,
    List<String> tags,
    Set<String> labels,
    List<Accessory> accessories,
    Scan scan,
    @Nullable Instant pushTime,
    List<Child> children,
    Dates dates) {

  /**
   * When Harbor says that what can come after the push came.
   *
   * @param tags when each tag was set on this artifact; without those of which Harbor does not tell
   * @param accessories when each was attached, by its digest; likewise
   */
  public record Dates(Map<String, Instant> tags, Map<String, Instant> accessories) {
    /** Nothing is known. */
    public static final Dates NONE = new Dates(Map.of(), Map.of());
  }

  /** Whether this is an index of several manifests. */
  public boolean isIndex() {
    return !children.isEmpty();
  }

  /** Its name for people: by its first tag, else by its digest. */
  public String name() {
    String path = project + "/" + repository;
    return tags.isEmpty() ? path + "@" + digest : path + ":" + tags.getFirst();
  }

  /**
   * What a selector looks at.
   *
   * @param among the tags that count
   */
  public Candidate candidate(List<String> among) {
    return new Candidate(
        project,
        repository,
        digest,
        among,
        type,
        labels,
        signatures(),
        scan.finished() ? scan.severity() : null,
        pushTime);
  }

  /** Kinds of the attached signatures. */
  public Set<SignatureKind> signatures() {
    Set<SignatureKind> kinds = EnumSet.noneOf(SignatureKind.class);
    for (Accessory accessory : accessories) {
      accessory.signature().ifPresent(kinds::add);
    }
    return kinds;
  }

  /** Digests of the attached copies in the Nydus format. */
  public List<String> nydusCopies() {
    return accessories.stream()
        .filter(accessory -> accessory.type().equals("accelerator.nydus"))
        .map(Accessory::digest)
        .distinct()
        .toList();
  }

  /**
   * What is attached to an artifact: it has a manifest of its own, which Harbor lists nowhere else.
   *
   * @param type Harbor's word, such as signature.cosign or accelerator.nydus
   */
  public record Accessory(String digest, String type) {
    /** What kind of signature it is; SBOMs and accelerated copies are accessories too. */
    public Optional<SignatureKind> signature() {
      return switch (type) {
        case "signature.cosign" -> Optional.of(SignatureKind.COSIGN);
        case "signature.notation" -> Optional.of(SignatureKind.NOTATION);
        default -> Optional.empty();
      };
    }
  }

  /**
   * A manifest of an index.
   *
   * @param platform os/arch or os/arch/variant; null when the index does not say (attestations)
   */
  public record Child(String digest, @Nullable String platform) {}

  /**
   * The vulnerability report; for an index the one that Harbor merged over its children.
   *
   * @param finished whether a report exists and is complete
   * @param severity Harbor's word for the worst severity, such as High; null without a report
   */
  public record Scan(boolean finished, @Nullable String severity) {
    /** No report. */
    public static final Scan NONE = new Scan(false, null);
  }

  /** What to ask for beyond the cheap facts. */
  public record Detail(boolean labels, boolean accessories, boolean scan) {
    /** Only the cheap facts. */
    public static final Detail BASIC = new Detail(false, false, false);

    /** What the one or the other asks for. */
    public Detail and(Detail other) {
      return new Detail(
          labels || other.labels, accessories || other.accessories, scan || other.scan);
    }
  }
}
