package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the operator may do, in one form for the roles that say it and the page that explains it.
 */
public record Permissions(Set<Permission> all) {
  /** Where a permission holds. */
  enum Where {
    WATCHED,
    OWN_NAMESPACE
  }

  /**
   * One verb on one resource.
   *
   * @param resource with its group, unless that is the core group, and its subresource if it is
   *     one: {@code preheat.goharbor.io:preheatpolicies/status}
   * @param own whether it holds only for the object that has the operator's name
   */
  record Permission(Where where, String resource, String verb, boolean own)
      implements Comparable<Permission> {
    Permission(Where where, String resource, String verb) {
      this(where, resource, verb, false);
    }

    @Override
    public int compareTo(Permission other) {
      return toString().compareTo(other.toString());
    }

    String group() {
      int colon = resource.indexOf(':');
      return colon < 0 ? "" : resource.substring(0, colon);
    }

    /** Without the group. */
    String plural() {
      return resource.substring(resource.indexOf(':') + 1);
    }
  }

  static final List<String> KINDS =
      List.of("harborregistries", "p2pproviders", "preheatpolicies", "preheatexecutions");
  private static final String GROUP = "preheat.goharbor.io:";
  private static final String HEADING = "## What the operator may do\n";

  /** What the page calls the resources. */
  private static final Map<String, List<String>> WORDS =
      Map.of(
          "its four kinds",
          KINDS.stream().map(kind -> GROUP + kind).toList(),
          "`preheatexecutions`",
          List.of(GROUP + "preheatexecutions"),
          "their status",
          KINDS.stream().map(kind -> GROUP + kind + "/status").toList(),
          "Secrets",
          List.of("secrets"),
          "ConfigMaps",
          List.of("configmaps"),
          "Namespaces",
          List.of("namespaces"),
          "Events",
          List.of("events"),
          "its Lease",
          List.of("coordination.k8s.io:leases"),
          "Leases",
          List.of("coordination.k8s.io:leases"));

  /** By the roles that the chart makes for a cluster-wide operator. */
  public static Permissions ofTheChart() {
    Rendered rendered = Rendered.byDefault();
    Set<Permission> all = new TreeSet<>();
    add(
        all,
        Where.WATCHED,
        Rendered.NAME,
        rendered.only(ClusterRole.class, Rendered.NAME).getRules());
    add(
        all,
        Where.OWN_NAMESPACE,
        Rendered.NAME,
        rendered.only(Role.class, Rendered.NAME + "-leader").getRules());
    return new Permissions(all);
  }

  /** By the table in docs/install.md. */
  static Permissions ofThePage() throws IOException {
    String page = Files.readString(ChartRenderer.ROOT.resolve("docs/install.md"));
    assertThat(page).containsOnlyOnce(HEADING);
    return ofTable(page.substring(page.indexOf(HEADING) + HEADING.length()));
  }

  /** By the first table of a text, whose columns are resources, verbs and reason. */
  static Permissions ofTable(String text) {
    List<String> rows =
        text.lines()
            .dropWhile(line -> !line.startsWith("|"))
            .takeWhile(line -> line.startsWith("|"))
            .skip(2)
            .toList();
    assertThat(rows).as("rows of the table").isNotEmpty();
    Set<Permission> all = new TreeSet<>();
    for (String row : rows) {
      String[] cells = row.split("\\|", -1);
      String what = cells[1].strip();
      Where where =
          what.endsWith(", in its own namespace only") ? Where.OWN_NAMESPACE : Where.WATCHED;
      for (String word : what.replace(", in its own namespace only", "").split(", ", -1)) {
        List<String> resources = WORDS.getOrDefault(word, List.of());
        assertThat(resources).as("a resource that the table names: %s", word).isNotEmpty();
        for (String resource : resources) {
          for (String verb : cells[2].strip().replaceFirst("^also ", "").split(", ", -1)) {
            all.add(new Permission(where, resource, verb, word.equals("its Lease")));
          }
        }
      }
    }
    return new Permissions(all);
  }

  /**
   * Adds what rules allow.
   *
   * @param name the one name that a rule may be limited to
   */
  static void add(Set<Permission> all, Where where, String name, List<PolicyRule> rules) {
    for (PolicyRule rule : rules) {
      assertThat(rule.getResourceNames()).isIn(List.of(), List.of(name));
      assertThat(rule.getNonResourceURLs()).isEmpty();
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          for (String verb : rule.getVerbs()) {
            all.add(
                new Permission(
                    where,
                    group.isEmpty() ? resource : group + ":" + resource,
                    verb,
                    !rule.getResourceNames().isEmpty()));
          }
        }
      }
    }
  }

  /** Whether a verb on a resource is allowed at all. */
  boolean allow(String resource, String verb) {
    return all.stream().anyMatch(it -> it.resource().equals(resource) && it.verb().equals(verb));
  }

  /** Fails when something was asked that is not allowed, or when nothing was asked. */
  public void checkCover(Collection<EmbeddedKube.Asked> asked) {
    List<EmbeddedKube.Asked> denied = new ArrayList<>();
    for (EmbeddedKube.Asked one : asked) {
      String resource = one.group().isEmpty() ? one.resource() : one.group() + ":" + one.resource();
      if (!allow(resource, one.verb())) {
        denied.add(one);
      }
    }
    assertThat(asked).as("requests of the operator").hasSizeGreaterThan(10);
    assertThat(denied).as("requests of the operator that its roles do not allow").isEmpty();
  }
}
