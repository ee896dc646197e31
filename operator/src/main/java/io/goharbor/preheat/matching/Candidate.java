package io.goharbor.preheat.matching;

import io.goharbor.preheat.api.ArtifactSelector.SignatureKind;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a selector looks at of an artifact.
 *
 * @param repository without the project
 * @param type Harbor's type, such as IMAGE
 * @param labels names; needed only when {@link Selector.Needs#labels}
 * @param severity Harbor's word for the worst severity of a finished report, null when there is no
 *     finished report; for an index the merged one
 * @param pushTime null when Harbor does not tell
 */
public record Candidate(
    String project,
    String repository,
    String digest,
    List<String> tags,
    String type,
    Set<String> labels,
    Set<SignatureKind> signatures,
    @Nullable String severity,
    @Nullable Instant pushTime) {}
