package io.goharbor.preheat.importer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.ArtifactSelector;
import io.goharbor.preheat.api.LocalRef;
import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.PreheatPolicySpec.EventTrigger;
import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.api.PreheatPolicySpec.Triggers;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.builder.PreheatPolicySpecBuilder;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import io.goharbor.preheat.http.RemoteSystem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A preheat policy of Harbor as a PreheatPolicy. */
final class PolicyTranslation {
  /** The P2PProvider that an instance became. */
  record Provider(String name, P2PProviderSpec.Type type) {}

  private static final String TRIGGERS = "spec.triggers";
  private static final String SCOPE = "spec.target.scope";
  private static final String CLUSTERS = "spec.target.dragonfly.schedulerClusterIDs";
  private static final int MOST_CLUSTERS = 32;

  private final ImportSetup setup;
  private final Project project;
  private final Policy policy;
  private final boolean harborKnowsModels;
  private final List<Note> notes = new ArrayList<>();

  /**
   * A translation.
   *
   * @param harborKnowsModels whether runs by hand and by schedule preheat models too
   */
  PolicyTranslation(ImportSetup setup, Project project, Policy policy, boolean harborKnowsModels) {
    this.setup = setup;
    this.project = project;
    this.policy = policy;
    this.harborKnowsModels = harborKnowsModels;
  }

  /** What the policy is called in Harbor. */
  static String original(Project project, Policy policy) {
    return project.name() + "/" + policy.name();
  }

  /**
   * Translates.
   *
   * @param provider null: its instance is not there or was left out
   */
  Imported translate(String name, @Nullable Provider provider) {
    String original = original(project, policy);
    if (provider == null) {
      return new Imported.LeftOut(
          "policy " + original,
          "its instance (id " + policy.providerId() + ") is missing or not imported");
    }
    notes.add(
        new Note(
            "",
            "Harbor: policy "
                + policy.name()
                + " of project "
                + project.name()
                + "."
                + described()));
    JsonNode trigger = object(policy.trigger());
    String when = trigger.path("type").asText("");
    boolean events = when.equals("event_based");
    FilterTranslation filters = new FilterTranslation(project, notes::add);
    ArtifactSelector selector;
    try {
      // By events Harbor takes images only.
      selector = filters.translate(policy.filters(), harborKnowsModels && !events);
    } catch (FilterTranslation.TooLarge e) {
      return new Imported.LeftOut("policy " + original, e.describe());
    }
    Triggers triggers = triggers(when, trigger.path("trigger_setting").path("cron").asText(""));
    Target target = target(provider.type());
    return new Imported.Translated(
        "PreheatPolicy",
        name,
        PreheatPolicySpecBuilder.builder()
            .suspend(suspend(filters.doubtful()))
            .harborRef(new LocalRef(setup.registryName()))
            .providerRefs(List.of(new ProviderRef(provider.name(), null)))
            .selector(selector)
            .triggers(triggers)
            .target(target)
            .build(),
        notes);
  }

  private String described() {
    String line = policy.description().replaceAll("\\s+", " ").strip();
    return line.isEmpty() ? "" : " Described as: " + line;
  }

  private @Nullable Boolean suspend(boolean doubtful) {
    if (!policy.enabled()) {
      notes.add(new Note("spec.suspend", "Disabled in Harbor."));
    }
    if (doubtful) {
      notes.add(
          new Note(
              "spec.suspend",
              "Held, because the selector is not what Harbor's filters say: see the comments there."));
    }
    boolean held = setup.suspend() || doubtful || !policy.enabled();
    return held ? true : null;
  }

  private @Nullable Triggers triggers(String type, String cron) {
    switch (type) {
      case "manual" ->
          notes.add(
              new Note(
                  TRIGGERS,
                  "Manual: starts nothing by itself. Create a PreheatExecution with policyRef to run"
                      + " it."));
      case "scheduled" -> {
        CronText text = CronText.of(cron);
        notes.add(
            new Note(text.cron() == null ? TRIGGERS : TRIGGERS + ".schedule.cron", text.note()));
        return text.cron() == null
            ? null
            : new Triggers(null, new Schedule(text.cron(), null, null));
      }
      case "event_based" -> {
        notes.add(
            new Note(
                TRIGGERS + ".events",
                "Harbor's one trigger for all three; here each can be left out. Labels are found by"
                    + " the registry's sweep."));
        if (project.proxyCache()) {
          notes.add(
              new Note(
                  TRIGGERS + ".events",
                  "Harbor's own events never preheat in a proxy cache project, as this is; here they"
                      + " do."));
        }
        return new Triggers(
            List.of(EventTrigger.PUSHED, EventTrigger.SCANNED, EventTrigger.LABELED), null);
      }
      default ->
          notes.add(
              new Note(
                  TRIGGERS,
                  type.isEmpty()
                      ? "Harbor has no trigger here; starts nothing by itself."
                      : "Harbor's trigger '" + type + "' is not known; starts nothing by itself."));
    }
    return null;
  }

  private @Nullable Target target(P2PProviderSpec.Type type) {
    JsonNode extra = object(policy.extraAttrs());
    JsonNode scopeJson = extra.path("scope");
    String word = scopeJson.isTextual() ? scopeJson.asText() : "";
    if (word.isEmpty() && policy.scope() != null) {
      word = policy.scope();
    }
    JsonNode clusters = extra.path("cluster_ids");
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : extra.properties()) {
      if (!field.getKey().equals("scope") && !field.getKey().equals("cluster_ids")) {
        unknown.add(field.getKey());
      }
    }
    if (!unknown.isEmpty()) {
      notes.add(new Note("spec.target", "Left out, as Harbor ignores it: extra_attrs " + unknown));
    }
    if (type == P2PProviderSpec.Type.KRAKEN) {
      if (!word.isEmpty() || !clusters.isEmpty()) {
        notes.add(
            new Note(
                "spec.target",
                "Left out, as Harbor does for Kraken: scope and cluster_ids. Kraken fills its"
                    + " origins."));
      }
      return null;
    }
    Target.Scope scope = scope(word, scopeJson);
    List<Integer> ids = clusters(clusters);
    if (scope == null && ids == null) {
      return null;
    }
    return new Target(
        scope,
        null,
        null,
        null,
        ids == null
            ? null
            : new Target.DragonflyArguments(ids, null, null, null, null, null, null));
  }

  private Target.@Nullable Scope scope(String word, JsonNode json) {
    if (!json.isMissingNode() && !json.isNull() && !json.isTextual()) {
      notes.add(new Note(SCOPE, "Harbor's scope is " + json + ", which fails its jobs; left out."));
      return null;
    }
    return switch (word) {
      case "" -> null;
      case "single_seed_peer" -> Target.Scope.SINGLE_SEED_PEER;
      case "all_seed_peers" -> Target.Scope.ALL_SEED_PEERS;
      case "all_peers" -> Target.Scope.ALL_PEERS;
      default -> {
        notes.add(
            new Note(
                SCOPE,
                "Harbor's scope is '"
                    + word
                    + "', which fails its jobs; left out, which means SingleSeedPeer."));
        yield null;
      }
    };
  }

  private @Nullable List<Integer> clusters(JsonNode json) {
    if (json.isMissingNode() || json.isNull() || (json.isArray() && json.isEmpty())) {
      return null;
    }
    Set<Integer> ids = new LinkedHashSet<>();
    for (JsonNode id : json) {
      if (id.isInt() && id.asInt() >= 1) {
        ids.add(id.asInt());
      }
    }
    boolean all = json.isArray() && ids.size() == json.size() && ids.size() <= MOST_CLUSTERS;
    if (!all) {
      notes.add(
          new Note(
              CLUSTERS,
              "Harbor's cluster_ids are "
                  + json
                  + "; what is not a positive number, doubled or past the 32nd is left out."));
    }
    return ids.isEmpty() ? null : ids.stream().limit(MOST_CLUSTERS).toList();
  }

  /** An object that Harbor keeps as text; what is none has no fields. */
  private static JsonNode object(String text) {
    try {
      JsonNode json = RemoteSystem.JSON.readTree(text);
      return json.isObject() ? json : RemoteSystem.JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      return RemoteSystem.JSON.createObjectNode();
    }
  }
}
