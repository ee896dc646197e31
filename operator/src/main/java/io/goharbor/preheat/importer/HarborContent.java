package io.goharbor.preheat.importer;

import io.goharbor.preheat.harbor.HarborPreheat.About;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.harbor.HarborPreheat.Project;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was read from a Harbor.
 *
 * @param wholeInstances false: the account may not list instances, and they are known as projects
 *     are shown them, without how they are signed in to
 * @param refusedProjects those whose policies the account may not list
 */
record HarborContent(
    About about,
    List<Instance> instances,
    boolean wholeInstances,
    List<ProjectPolicies> projects,
    List<String> refusedProjects) {

  /** A project with its policies. */
  record ProjectPolicies(Project project, List<Policy> policies) {}

  private static final Pattern VERSION = Pattern.compile("^v?([0-9]{1,4})\\.([0-9]{1,4})");

  /** Whether this Harbor preheats models too, as 2.13 and later do. */
  boolean preheatsModels() {
    Matcher version = VERSION.matcher(about.version() == null ? "" : about.version());
    return !version.find()
        || Integer.parseInt(version.group(1)) * 10_000 + Integer.parseInt(version.group(2))
            >= 20_013;
  }

  /** How many policies were read. */
  int policyCount() {
    return projects.stream().mapToInt(project -> project.policies().size()).sum();
  }
}
