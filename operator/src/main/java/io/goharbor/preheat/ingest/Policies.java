package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the matcher needs to know of policies. */
@FunctionalInterface
public interface Policies {
  /**
   * The policies in the registry's namespace which name it, are not suspended and whose selector an
   * artifact could meet, whatever their triggers are.
   *
   * @param repository without the project
   * @param tag null: not known, so that no pattern of tags speaks against the artifact
   */
  List<PreheatPolicy> concerned(
      ObjectKey registry, String project, String repository, @Nullable String tag);
}
