package io.goharbor.preheat.plugin;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.Operation;
import io.goharbor.preheat.api.PreheatExecutionSpec.Trigger;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.ProviderRef;
import io.goharbor.preheat.matching.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts a run: everything that POLICY selects, or the named images the way of the policy, or"
          + " the named images without a policy."
    })
final class RunCommand implements Callable<Integer> {
  /** The API server appends five characters, and 63 is what a label can hold. */
  private static final int LONGEST_BASE = 57;

  @Parameters(index = "0", arity = "0..1", paramLabel = "POLICY", description = "A PreheatPolicy.")
  private @Nullable String policy;

  @Option(
      names = "--image",
      paramLabel = "REF",
      description = "An image, such as harbor.example.com/shop/web:1.4.2; repeatable.")
  private List<String> images = List.of();

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description =
          "P2PProvider, or NAMESPACE/NAME of one; repeatable. Absent: the policy's, else the only"
              + " one.")
  private List<String> providers = List.of();

  @Option(
      names = "--registry",
      paramLabel = "NAME",
      description = "HarborRegistry. Absent: the policy's, else the one of the images' host.")
  private @Nullable String registry;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Platforms of an index; repeatable. Absent: the policy's, else all.")
  private List<String> platforms = List.of();

  @Option(
      names = "--operation",
      paramLabel = "NAME",
      description =
          "Preheat; Verify: only ask the peers what they hold; Evict: take it out of their caches."
              + " Default: Preheat.")
  private @Nullable Operation operation;

  @Option(names = "--dry-run", description = "Plan and explain, send nothing.")
  private boolean dryRun;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the execution. Absent: made from the policy or the image.")
  private @Nullable String name;

  @Mixin private final Waiting waiting;
  @Mixin private final OutputOption output = new OutputOption();
  @Mixin private final ClusterOptions options;

  // picocli sets it.
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  private final Shell shell;

  RunCommand(Shell shell) {
    this.shell = shell;
    this.waiting = new Waiting(shell);
    this.options = new ClusterOptions(shell.environment());
  }

  @Override
  public Integer call() throws PluginFailure, InterruptedException {
    List<ImageReference> references = check();
    try (Cluster cluster = options.open()) {
      PreheatExecution execution = new PreheatExecution();
      execution.setMetadata(
          name == null
              ? new ObjectMetaBuilder().withGenerateName(base(references) + "-").build()
              : new ObjectMetaBuilder().withName(name).build());
      execution.setSpec(wanted(cluster, references));
      PreheatExecution created = cluster.create(execution);
      return new Started(cluster, created, spec, output, shell).report(waiting, "created", dryRun);
    }
  }

  private List<ImageReference> check() throws PluginFailure {
    waiting.check();
    if (policy == null && images.isEmpty()) {
      throw PluginFailure.usage("what is to run? Name a POLICY, or images with --image");
    }
    if (policy != null && !policy.matches(Patterns.OBJECT_NAME)) {
      throw PluginFailure.usage(
          "'"
              + policy
              + "' is not the name of a policy"
              + (policy.contains("/") ? "; an image is named with --image" : ""));
    }
    if (name != null && !name.matches(Patterns.OBJECT_NAME)) {
      throw PluginFailure.usage(
          "--name: '" + name + "' must be lower-case letters, digits, '-' and '.'");
    }
    for (String platform : platforms) {
      if (!platform.matches(Patterns.PLATFORM)) {
        throw PluginFailure.usage("--platform: '" + platform + "' is not such as linux/amd64");
      }
    }
    List<ImageReference> references = new ArrayList<>();
    for (String image : images) {
      try {
        references.add(ImageReference.parse(image));
      } catch (IllegalArgumentException e) {
        throw PluginFailure.usage("--image: " + e.getMessage());
      }
    }
    return references;
  }

  private PreheatExecutionSpec wanted(Cluster cluster, List<ImageReference> references)
      throws PluginFailure {
    List<ProviderRef> to = Providers.named(providers);
    String harbor = registry;
    if (policy == null) {
      harbor = registry != null ? registry : registry(cluster, references);
      to = to.isEmpty() ? List.of(Providers.only(cluster)) : to;
    } else {
      existing(cluster, policy);
    }
    return new PreheatExecutionSpec.Builder()
        .policy(policy)
        .harbor(harbor)
        .providers(to)
        .images(images)
        .trigger(Trigger.MANUAL)
        .dryRun(dryRun ? true : null)
        .platforms(platforms)
        .operation(operation)
        .build();
  }

  /** A misspelt name is told now; the run would wait for a policy of that name to appear. */
  private static void existing(Cluster cluster, String policy) throws PluginFailure {
    try {
      Found.object(cluster, PreheatPolicy.class, "policy", policy);
    } catch (PluginFailure e) {
      // Who may create runs need not be allowed to read policies.
      if (e.exitCode() != ExitCode.FORBIDDEN) {
        throw e;
      }
    }
  }

  private static String registry(Cluster cluster, List<ImageReference> references)
      throws PluginFailure {
    TreeSet<String> hosts = new TreeSet<>();
    references.forEach(reference -> hosts.add(reference.registry()));
    if (hosts.size() > 1) {
      throw PluginFailure.usage(
          "the images are of several registries, and a run is about one: "
              + String.join(", ", hosts));
    }
    List<HarborRegistry> all = cluster.list(HarborRegistry.class, cluster.namespace());
    return Hosts.only(all, hosts.first(), cluster.namespace()).getMetadata().getName();
  }

  private String base(List<ImageReference> references) {
    String text = policy;
    if (text == null) {
      String repository = references.getFirst().repository();
      text = repository.substring(repository.lastIndexOf('/') + 1).replaceAll("[^a-z0-9.-]+", "-");
    }
    String cut = text.substring(0, Math.min(text.length(), LONGEST_BASE));
    return cut.replaceAll("^[^a-z0-9]+|[^a-z0-9]+$", "");
  }
}
