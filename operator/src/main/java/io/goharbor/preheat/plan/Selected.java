package io.goharbor.preheat.plan;

import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.http.RemoteCallException;
import java.util.List;

/**
 * An artifact that is to be preheated.
 *
 * @param tags those by which it was selected
 */
public record Selected(HarborArtifact artifact, List<String> tags) {
  /** Where selected artifacts go as they are found. */
  @FunctionalInterface
  interface Sink {
    /** Takes one. */
    void take(Selected selected) throws RemoteCallException;
  }

  /** Repository with its project. */
  String repository() {
    return artifact.project() + "/" + artifact.repository();
  }
}
