package io.goharbor.preheat.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatExecutionSpec.PartOf;
import io.goharbor.preheat.api.PreheatExecutionStatus;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.kube.ObjectKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The parts of a run that is too large for one object: executions of their own, each for some of
 * the artifacts and one provider. They begin in order, a few at a time for each provider, so that
 * one provider that is down holds up only its own.
 */
public final class Parts {
  /** Index of parts by their whole, as namespace/name. */
  public static final String BY_WHOLE = "whole";

  /** Label with the name of the whole. */
  public static final String LABEL = "preheat.goharbor.io/part-of";

  /** As many as the schema lets an execution name. */
  static final int MOST_ARTIFACTS = 1000;

  /** Enough to keep a provider busy while the last tasks of a part are waited for. */
  private static final int AT_ONCE = 4;

  private Parts() {}

  /** A part; its name follows from its number. */
  static PreheatExecution make(
      PreheatExecution whole,
      Run run,
      int number,
      ObjectKey provider,
      List<ArtifactRef> artifacts) {
    String name = whole.getMetadata().getName();
    Map<String, String> labels =
        new HashMap<>(
            whole.getMetadata().getLabels() == null ? Map.of() : whole.getMetadata().getLabels());
    labels.put(LABEL, ExecutionNames.labelValue(name));
    PreheatExecution part = new PreheatExecution();
    part.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(whole.getMetadata().getNamespace())
            .withName(
                ExecutionNames.shorten(name, 200) + String.format(Locale.ROOT, "-p%04d", number))
            .withLabels(labels)
            .addNewOwnerReference()
            .withApiVersion(whole.getApiVersion())
            .withKind(whole.getKind())
            .withName(name)
            .withUid(whole.getMetadata().getUid())
            .withController(true)
            .endOwnerReference()
            .build());
    EventTime.of(whole).ifPresent(time -> EventTime.put(part, time));
    part.setSpec(
        PreheatExecutionSpec.part(
            whole.getSpec(),
            new PartOf(name, number),
            new LocalRef(run.registry().name()),
            new ProviderRef(provider.name(), provider.namespace()),
            artifacts));
    return part;
  }

  /** Its place in the order. */
  public static int number(PreheatExecution part) {
    return part.getSpec().partOf() == null ? 0 : part.getSpec().partOf().number();
  }

  /** Its provider. */
  public static ObjectKey provider(PreheatExecution part) {
    ProviderRef ref =
        part.getSpec().providerRefs() == null
            ? new ProviderRef("", null)
            : part.getSpec().providerRefs().getFirst();
    return new ObjectKey(
        ref.namespace() == null ? part.getMetadata().getNamespace() : ref.namespace(), ref.name());
  }

  /** Of the executions that name a whole, its real parts in order. */
  public static List<PreheatExecution> of(
      PreheatExecution whole, List<PreheatExecution> candidates) {
    String uid = whole.getMetadata().getUid();
    return candidates.stream()
        .filter(part ->
            part.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> uid.equals(owner.getUid())))
        .sorted(Comparator.comparingInt(Parts::number))
        .toList();
  }

  /** Whether it is a part's turn. */
  public static boolean mayBegin(PreheatExecution part, List<PreheatExecution> siblings) {
    ObjectKey provider = provider(part);
    return siblings.stream()
            .filter(other -> number(other) < number(part))
            .filter(other -> !ended(other))
            .filter(other -> provider(other).equals(provider))
            .count()
        < AT_ONCE;
  }

  /** Parts whose turn it is and that have not begun. */
  public static List<PreheatExecution> due(List<PreheatExecution> parts) {
    Map<ObjectKey, Integer> unfinished = new HashMap<>();
    return parts.stream()
        .filter(part -> !ended(part))
        .filter(part -> unfinished.merge(provider(part), 1, Integer::sum) <= AT_ONCE)
        .filter(part -> status(part).tasks() == null && status(part).parts() == null)
        .toList();
  }

  public static boolean ended(PreheatExecution part) {
    return status(part).effectivePhase().terminal();
  }

  public static PreheatExecutionStatus status(PreheatExecution execution) {
    return execution.getStatus() == null ? PreheatExecutionStatus.EMPTY : execution.getStatus();
  }
}
