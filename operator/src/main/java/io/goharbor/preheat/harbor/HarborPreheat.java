package io.goharbor.preheat.harbor;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Grammar;
import io.goharbor.preheat.http.AnswerLimit;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.RemoteSystem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Harbor's own preheating, read only: instances, policies, and the settings of projects that it
 * goes by. Facts are from Harbor's published OpenAPI description (v2.0) and hold for Harbor 2.8 and
 * later.
 */
public final class HarborPreheat {
  /**
   * What Harbor says of itself.
   *
   * @param version null when Harbor did not take the credential
   * @param externalUrl the URL that it gives to P2P providers; null when it does not tell
   */
  public record About(@Nullable String version, @Nullable String externalUrl) {}

  /**
   * A project.
   *
   * @param settings Harbor's {@code metadata}: texts, such as {@code prevent_vul: "true"}
   */
  public record Project(String name, Map<String, String> settings, boolean proxyCache) {
    /** Copies the settings. */
    public Project {
      settings = Map.copyOf(settings);
    }

    /** Whether a setting is on. */
    public boolean on(String setting) {
      return "true".equals(settings.get(setting));
    }
  }

  /**
   * A preheat instance. Its {@code auth_info} is not even looked at.
   *
   * @param vendor dragonfly or kraken
   * @param authMode NONE, BASIC, OAUTH or CUSTOM; null: not told
   * @param insecure null: not told
   */
  public record Instance(
      long id,
      String name,
      String vendor,
      String endpoint,
      @Nullable String authMode,
      @Nullable Boolean insecure,
      boolean enabled) {}

  /**
   * A preheat policy of a project.
   *
   * @param filters text of a JSON list
   * @param trigger text of a JSON object
   * @param scope as Harbor 2.12 writes it; later versions have it in {@code extraAttrs}
   * @param extraAttrs text of a JSON object
   */
  public record Policy(
      String name,
      String description,
      long providerId,
      String filters,
      String trigger,
      boolean enabled,
      @Nullable String scope,
      String extraAttrs) {}

  private final HarborApi api;

  /** Reads from a Harbor. */
  public HarborPreheat(RemoteSystem system) {
    this.api = new HarborApi(system);
  }

  /** Asks Harbor who it is; it tells its version only to those whose credential is good. */
  public About about() throws RemoteCallException {
    JsonNode info = api.get(api.url("systeminfo").build(), AnswerLimit.PROBE);
    return new About(text(info, "harbor_version"), text(info, "external_url"));
  }

  /** All projects that the account can see, by name; a name that can be none is passed over. */
  public List<Project> projects() throws RemoteCallException {
    Map<String, Project> all = new TreeMap<>();
    api.each(
        api.url("projects")
            .addQueryParameter("with_detail", "false")
            .addQueryParameter("sort", "name"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        json -> {
          Map<String, String> settings = new TreeMap<>();
          for (Map.Entry<String, JsonNode> entry : json.path("metadata").properties()) {
            settings.put(entry.getKey(), entry.getValue().asText(""));
          }
          String name = json.path("name").asText("");
          return Grammar.PROJECT.accepts(name)
              ? new Project(name, settings, json.path("registry_id").asLong(0) > 0)
              : null;
        },
        project -> all.put(project.name(), project));
    return List.copyOf(all.values());
  }

  /** All instances; this needs preheat-instance:list of the system. */
  public List<Instance> instances() throws RemoteCallException {
    Map<Long, Instance> all = new LinkedHashMap<>();
    api.each(
        api.url("p2p", "preheat", "instances").addQueryParameter("sort", "id"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        json ->
            new Instance(
                json.path("id").asLong(),
                json.path("name").asText(""),
                json.path("vendor").asText(""),
                json.path("endpoint").asText(""),
                json.path("auth_mode").asText("NONE"),
                json.path("insecure").asBoolean(false),
                json.path("enabled").asBoolean(true)),
        instance -> all.put(instance.id(), instance));
    return List.copyOf(all.values());
  }

  /**
   * The instances as a project is shown them: without how they are signed in to. Harbor writes
   * vendor, name and endpoint into one text, {@code dragonfly eu-http://manager:8080}.
   */
  public List<Instance> providersOf(String project) throws RemoteCallException {
    return api.list(
        api.project(project, "preheat", "providers").build(),
        json -> {
          String text = json.path("provider").asText("");
          int space = text.indexOf(' ');
          String rest = text.substring(space + 1);
          int endpoint = Math.max(rest.indexOf("-http://"), rest.indexOf("-https://"));
          return new Instance(
              json.path("id").asLong(),
              endpoint < 0 ? rest : rest.substring(0, endpoint),
              text.substring(0, Math.max(space, 0)),
              endpoint < 0 ? "" : rest.substring(endpoint + 1),
              null,
              null,
              json.path("enabled").asBoolean(true));
        });
  }

  /** The policies of a project; this needs preheat-policy:list in it. */
  public List<Policy> policies(String project) throws RemoteCallException {
    Map<Long, Policy> all = new LinkedHashMap<>();
    api.each(
        api.project(project, "preheat", "policies").addQueryParameter("sort", "id"),
        HarborApi.PAGE,
        HarborApi.PAGES,
        json ->
            Map.entry(
                json.path("id").asLong(),
                new Policy(
                    json.path("name").asText(""),
                    json.path("description").asText(""),
                    json.path("provider_id").asLong(),
                    json.path("filters").asText(""),
                    json.path("trigger").asText(""),
                    json.path("enabled").asBoolean(false),
                    text(json, "scope"),
                    json.path("extra_attrs").asText(""))),
        policy -> all.put(policy.getKey(), policy.getValue()));
    return List.copyOf(all.values());
  }

  private static @Nullable String text(JsonNode json, String field) {
    String text = json.path(field).asText("");
    return text.isEmpty() ? null : text;
  }
}
