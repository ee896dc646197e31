package io.goharbor.preheat.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Commands of kubectl: looked at by what the CRDs say, and run where there is a kubectl. */
final class Kubectl {
  static final boolean PRESENT = Programs.onPath("kubectl") && Programs.onPath("bash");

  private static final Set<String> OF_RESOURCES =
      Set.of("get", "describe", "delete", "patch", "annotate", "label", "wait", "edit", "explain");
  private static final Set<String> OF_FILES = Set.of("apply", "create", "replace", "diff");

  /** What the embedded API serves beside the custom resources. */
  private static final Set<String> SERVED =
      Set.of(
          "secret",
          "configmap",
          "namespace",
          "event",
          "service",
          "serviceaccount",
          "deployment",
          "lease",
          "ingress",
          "poddisruptionbudget",
          "role",
          "rolebinding",
          "clusterrole",
          "clusterrolebinding",
          "crd",
          "customresourcedefinition");

  private static final Set<String> NOT_SERVED =
      Set.of("pod", "node", "job", "pvc", "daemonset", "resourcequota");
  private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z_]+");
  private static final Pattern JSON_PATH = Pattern.compile("\\{(\\.[^}]+)}");
  private static final Map<String, String> HELP = new ConcurrentHashMap<>();

  private final Map<String, JsonNode> kinds = new TreeMap<>();

  Kubectl() throws IOException {
    try (Stream<Path> files = Files.list(Page.ROOT.resolve("crds"))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("preheat.")).toList()) {
        JsonNode crd = Workspace.YAML.readTree(file.toFile());
        JsonNode names = crd.at("/spec/names");
        kinds.put(names.path("plural").asText(), crd);
        kinds.put(names.path("singular").asText(), crd);
        names.path("shortNames").forEach(name -> kinds.put(name.asText(), crd));
        names.path("categories").forEach(name -> kinds.putIfAbsent(name.asText(), crd));
      }
    }
  }

  Trial tryOut(ShellCommand command, List<String> words, Workspace workspace) {
    if (words.size() > 1 && words.get(1).equals("preheat")) {
      return OwnCommands.plugin(words);
    }
    List<String> plain = withoutValues(words);
    String verb = plain.size() > 1 ? plain.get(1) : "";
    if (!OF_RESOURCES.contains(verb)
        && !OF_FILES.contains(verb)
        && Foreign.reason(plain).isEmpty()) {
      return new Trial.Wrong("kubectl " + verb + ": how to try this is not known");
    }
    List<String> resources =
        OF_RESOURCES.contains(verb) && !words.contains("--raw")
            ? resources(verb, plain)
            : List.of();
    for (String resource : resources) {
      if (!kinds.containsKey(resource)
          && !SERVED.contains(singular(resource))
          && !NOT_SERVED.contains(singular(resource))) {
        return new Trial.Wrong("there is no resource " + resource);
      }
    }
    Optional<String> wrong = wrongFlag(verb, words).or(() -> wrongPath(resources, words));
    if (wrong.isEmpty() && !command.output().isEmpty()) {
      wrong = wrongColumn(resources, command.output());
    }
    if (wrong.isPresent()) {
      return new Trial.Wrong(wrong.get());
    }
    Optional<String> foreign = Foreign.reason(plain);
    if (foreign.isPresent()) {
      return new Trial.NotRun(foreign.get());
    }
    if (resources.stream().anyMatch(resource -> NOT_SERVED.contains(singular(resource)))) {
      return new Trial.NotRun("the embedded API has no pods and nodes");
    }
    boolean mention =
        command.inline()
            // What a sentence deletes, the commands around it may need.
            && (verb.equals("delete")
                || words.getLast().equals("-f")
                || (plain.size() < 3 && !words.contains("-f")));
    if (mention || words.stream().anyMatch(word -> PLACEHOLDER.matcher(word).matches())) {
      return new Trial.LookedAt("verb, resources, flags");
    }
    return PRESENT
        ? Programs.run(forTheEmbeddedApi(command, plain, words), workspace)
        : new Trial.LookedAt("resources; not run: there is no kubectl on the PATH");
  }

  /**
   * kubectl sends what it makes up by itself, such as a Secret, in a binary form that the embedded
   * API does not read; so it is made, and then sent as JSON. Namespaces may be there already.
   */
  private static ShellCommand forTheEmbeddedApi(
      ShellCommand command, List<String> plain, List<String> words) {
    if (!plain.get(1).equals("create") || words.contains("-f")) {
      return command;
    }
    String send = plain.get(2).equals("namespace") ? "apply" : "create";
    return new ShellCommand(
        command.at(),
        command.text() + " --dry-run=client -o json | kubectl " + send + " -f -",
        command.output(),
        command.inline());
  }

  private static String singular(String resource) {
    return resource.equals("ns")
        ? "namespace"
        : resource.equals("deploy")
            ? "deployment"
            : resource.endsWith("s") && !resource.endsWith("ss")
                ? resource.substring(0, resource.length() - 1)
                : resource;
  }

  private static List<String> resources(String verb, List<String> plain) {
    List<String> resources = new ArrayList<>();
    if (plain.size() > 2) {
      String first = plain.get(2);
      for (String part : first.split(",", -1)) {
        String resource = part.contains("/") ? part.substring(0, part.indexOf('/')) : part;
        int dot = resource.indexOf('.');
        resources.add((dot > 0 ? resource.substring(0, dot) : resource).toLowerCase(Locale.ROOT));
      }
    }
    return verb.equals("explain") && resources.isEmpty() ? List.of() : resources;
  }

  /** Words that are neither flags nor values of flags, as far as documentation uses them. */
  private static List<String> withoutValues(List<String> words) {
    Set<String> taking =
        Set.of(
            "-n",
            "--namespace",
            "--kubeconfig",
            "-o",
            "--output",
            "-l",
            "--selector",
            "-f",
            "--filename",
            "--patch",
            "-p",
            "--type",
            "--patch-file",
            "--for",
            "--timeout",
            "--field-selector",
            "--sort-by",
            "--from-file",
            "--from-literal",
            "--context");
    List<String> plain = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (taking.contains(words.get(i))) {
        i++;
      } else if (!words.get(i).startsWith("-")) {
        plain.add(words.get(i));
      }
    }
    return plain;
  }

  private static Optional<String> wrongFlag(String verb, List<String> words) {
    if (!PRESENT) {
      return Optional.empty();
    }
    String help =
        HELP.computeIfAbsent(
            verb,
            of -> Programs.output("kubectl", of, "--help") + Programs.output("kubectl", "options"));
    boolean sub = verb.equals("create") || verb.equals("rollout") || verb.equals("auth");
    for (String word : words) {
      String flag = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
      if (flag.startsWith("--") && flag.length() > 2 && !sub && !help.contains(flag + "=")) {
        return Optional.of("kubectl " + verb + " has no flag " + flag);
      }
    }
    return Optional.empty();
  }

  /** A JSONPath must lead to a field of the schema. */
  private Optional<String> wrongPath(List<String> resources, List<String> words) {
    if (resources.size() != 1 || !kinds.containsKey(resources.getFirst())) {
      return Optional.empty();
    }
    for (String word : words) {
      Matcher path = JSON_PATH.matcher(word);
      while (path.find() && word.contains("jsonpath")) {
        JsonNode schema =
            kinds
                .get(resources.getFirst())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties");
        String plain = path.group(1).replaceAll("\\[[^]]*]", "[]");
        for (String field : plain.substring(1).split("\\.", -1)) {
          String name = field.replace("[]", "");
          if (name.equals("metadata")) {
            break;
          }
          JsonNode found = schema.path(name);
          if (found.isMissingNode()) {
            return Optional.of("the CRD has no field " + path.group(1));
          }
          schema = (found.has("items") ? found.path("items") : found).path("properties");
        }
      }
    }
    return Optional.empty();
  }

  /** The head of a table that is shown must have the columns of the CRDs. */
  private Optional<String> wrongColumn(List<String> resources, String output) {
    if (resources.isEmpty() || !resources.stream().allMatch(kinds::containsKey)) {
      return Optional.empty();
    }
    Set<String> columns = new HashSet<>(Set.of("NAMESPACE", "NAME", "AGE"));
    kinds.values().stream()
        .flatMap(crd -> crd.at("/spec/versions/0/additionalPrinterColumns").valueStream())
        .forEach(column -> columns.add(column.path("name").asText().toUpperCase(Locale.ROOT)));
    return output
        .lines()
        .filter(line -> line.matches("NAME(SPACE)? .*"))
        .flatMap(line -> Stream.of(line.strip().split(" {2,}", -1)))
        .filter(column -> !columns.contains(column))
        .findFirst()
        .map(column -> "no kind has a column " + column);
  }
}
