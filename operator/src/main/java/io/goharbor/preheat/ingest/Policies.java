package io.goharbor.preheat.ingest;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.matching.Selector;
import java.util.List;

/** What the matcher needs to know of policies. */
@FunctionalInterface
public interface Policies {
  /** A policy and its selector. */
  record Indexed(PreheatPolicy policy, Selector selector) {}

  /**
   * The policies in the registry's namespace which name it and are not suspended and whose selector
   * must be asked about a repository, whatever their triggers and patterns of tags are. Those that
   * are not among them do not select from it.
   *
   * @param repository without the project
   */
  List<Indexed> indexed(ObjectKey registry, String project, String repository);
}
