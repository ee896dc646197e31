package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.harbor.HarborPreheat;
import io.goharbor.preheat.harbor.HarborPreheat.About;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.importer.HarborContent.ProjectPolicies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads all that is translated, and says which permission is missing when one is. */
final class HarborReading {
  private final HarborPreheat harbor;
  private final String url;
  private final String username;

  HarborReading(HarborPreheat harbor, String url, String username) {
    this.harbor = harbor;
    this.url = url;
    this.username = username;
  }

  /**
   * Reads.
   *
   * @param names projects to read; empty: all that the account can see
   */
  HarborContent read(List<String> names) throws ImportFailure {
    try {
      About about = harbor.about();
      if (about.version() == null) {
        // Harbor takes who brings a wrong credential for an anonymous caller.
        throw notSignedIn();
      }
      List<ProjectPolicies> projects = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      for (Project project : projects(names)) {
        Optional<List<Policy>> policies = policies(project.name(), !names.isEmpty());
        policies.ifPresentOrElse(
            found -> projects.add(new ProjectPolicies(project, found)),
            () -> refused.add(project.name()));
      }
      if (projects.isEmpty() && !refused.isEmpty()) {
        throw forbidden("preheat-policy:list", "in any project that it can see");
      }
      HarborContent content = new HarborContent(about, List.of(), true, projects, refused);
      if (content.policyCount() == 0) {
        throw new ImportFailure(
            ImportFailure.NOTHING,
            "there is no preheat policy in "
                + (names.isEmpty()
                    ? "the " + projects.size() + " projects that " + username + " can read"
                    : "project " + String.join(", ", names))
                + "; nothing is printed");
      }
      return withInstances(content);
    } catch (RemoteCallException e) {
      throw failure(e);
    }
  }

  private List<Project> projects(List<String> names) throws RemoteCallException, ImportFailure {
    List<Project> all;
    try {
      all = harbor.projects();
    } catch (RemoteCallException e) {
      if (e.status() == 403) {
        throw forbidden("project:list", "of the system");
      }
      throw e;
    }
    if (names.isEmpty()) {
      return all;
    }
    for (String name : names) {
      if (all.stream().noneMatch(project -> project.name().equals(name))) {
        throw new ImportFailure(
            ImportFailure.FORBIDDEN,
            "Harbor shows "
                + username
                + " no project "
                + name
                + "; it does not exist, or the account lacks project:read in it (a robot of the"
                + " system also project:list)");
      }
    }
    return all.stream().filter(project -> names.contains(project.name())).toList();
  }

  private Optional<List<Policy>> policies(String project, boolean named)
      throws RemoteCallException, ImportFailure {
    try {
      return Optional.of(harbor.policies(project));
    } catch (RemoteCallException e) {
      if (e.status() != 403) {
        throw e;
      }
      if (named) {
        throw forbidden("preheat-policy:list", "in project " + project);
      }
      return Optional.empty();
    }
  }

  /**
   * Projects show instances too, to those who may not list them, but not how they are signed in to.
   */
  private HarborContent withInstances(HarborContent content) throws RemoteCallException {
    List<Instance> instances;
    boolean whole = true;
    try {
      instances = harbor.instances();
    } catch (RemoteCallException e) {
      if (e.status() != 403) {
        throw e;
      }
      whole = false;
      Map<Long, Instance> seen = new TreeMap<>();
      for (ProjectPolicies project : content.projects()) {
        if (!project.policies().isEmpty()) {
          harbor
              .providersOf(project.project().name())
              .forEach(instance -> seen.put(instance.id(), instance));
        }
      }
      instances = List.copyOf(seen.values());
    }
    return new HarborContent(
        content.about(), instances, whole, content.projects(), content.refusedProjects());
  }

  private ImportFailure failure(RemoteCallException e) {
    if (e.status() == 401) {
      return notSignedIn();
    }
    if (e.status() == 403) {
      return new ImportFailure(ImportFailure.FORBIDDEN, e.describe());
    }
    String hint = "";
    if (e.reason() == Reason.TLS_FAILED) {
      hint = "; name its authority by --ca-file";
    } else if (e.status() == 404) {
      hint = "; check that --url is that of a Harbor";
    }
    return new ImportFailure(ImportFailure.FAILED, e.describe() + hint);
  }

  private ImportFailure notSignedIn() {
    return new ImportFailure(
        ImportFailure.NOT_SIGNED_IN,
        "Harbor at "
            + url
            + " does not take "
            + username
            + " with this password; check both, and that the account is neither expired nor"
            + " disabled");
  }

  private ImportFailure forbidden(String permission, String where) {
    return new ImportFailure(
        ImportFailure.FORBIDDEN, username + " lacks the permission " + permission + " " + where);
  }
}
