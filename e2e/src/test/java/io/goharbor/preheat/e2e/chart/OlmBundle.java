package io.goharbor.preheat.e2e.chart;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bundle for the Operator Lifecycle Manager, made of what the chart makes by default. What OLM
 * makes itself is left out: the ServiceAccount, the roles of the operator and those of the users.
 */
final class OlmBundle {
  static final String NAME = "harbor-preheat-operator";

  /** What the bundle's image and its annotations say of it; they must say the same. */
  static final Map<String, String> ANNOTATIONS = annotations();

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String DESCRIPTION =
      """
      Gets container images out of Harbor into P2P caches, Dragonfly and Kraken, before anyone pulls them.

      - A push, a finished scan, a schedule or a person starts a run; what no webhook reported is found by a sweep.
      - Policies say which artifacts go where: by project, repository, tag, label and platform.
      - What is warm is verified with the peers, and shown for each artifact.

      Start with a `HarborRegistry`, a `P2PProvider` and a `PreheatPolicy`. Harbor calls the Service
      `harbor-preheat-operator-webhook`.
      """;

  /** What the Operator SDK writes, too, where the namespace is the installer's choice. */
  private static final String NAMESPACE = "placeholder";

  private final ObjectNode chart;
  private final Map<String, ObjectNode> rendered = new LinkedHashMap<>();

  OlmBundle() throws IOException {
    chart =
        (ObjectNode)
            ChartRenderer.YAML.readTree(ChartRenderer.CHART.resolve("Chart.yaml").toFile());
    // On OpenShift the cluster gives out the user.
    Map<String, Object> user = new HashMap<>();
    user.put("runAsUser", null);
    user.put("runAsGroup", null);
    user.put("fsGroup", null);
    for (ObjectNode object :
        ChartRenderer.documents(
            ChartRenderer.text(NAME, NAMESPACE, Map.of("podSecurityContext", user)))) {
      ((ObjectNode) object.path("metadata")).remove("namespace");
      withoutHelm(object.at("/metadata/labels"));
      withoutHelm(object.at("/spec/template/metadata/labels"));
      rendered.put(
          object.path("kind").asText() + " " + object.at("/metadata/name").asText(), object);
    }
  }

  private static void withoutHelm(JsonNode labels) {
    if (labels instanceof ObjectNode object) {
      object.remove(List.of("helm.sh/chart", "app.kubernetes.io/managed-by"));
    }
  }

  private static Map<String, String> annotations() {
    String bundle = "operators.operatorframework.io.bundle.";
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put(bundle + "mediatype.v1", "registry+v1");
    annotations.put(bundle + "manifests.v1", "manifests/");
    annotations.put(bundle + "metadata.v1", "metadata/");
    annotations.put(bundle + "package.v1", NAME);
    annotations.put(bundle + "channels.v1", "preview");
    annotations.put(bundle + "channel.default.v1", "preview");
    return annotations;
  }

  /** All files of the bundle by their path in it. */
  Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put("manifests/" + NAME + ".clusterserviceversion.yaml", print(version()));
    for (String service : List.of("webhook", "metrics")) {
      String name = NAME + "-" + service;
      files.put("manifests/" + name + "_v1_service.yaml", print(object("Service " + name)));
    }
    files.put(
        "manifests/" + NAME + "_policy_v1_poddisruptionbudget.yaml",
        print(object("PodDisruptionBudget " + NAME)));
    for (JsonNode crd : crds()) {
      String name = crd.path("name").asText();
      String file = "preheat.goharbor.io_" + name.substring(0, name.indexOf('.')) + ".yaml";
      files.put(
          "manifests/" + file, Files.readString(ChartRenderer.ROOT.resolve("crds").resolve(file)));
    }
    ObjectNode annotations = JSON.createObjectNode();
    ANNOTATIONS.forEach(annotations.putObject("annotations")::put);
    files.put("metadata/annotations.yaml", print(annotations));
    StringBuilder image = new StringBuilder("# Generated; do not edit.\nFROM scratch\n\n");
    ANNOTATIONS.forEach(
        (key, value) -> image.append("LABEL ").append(key).append('=').append(value).append('\n'));
    image.append("\nCOPY manifests /manifests/\nCOPY metadata /metadata/\n");
    files.put("bundle.Dockerfile", image.toString());
    return files;
  }

  private static String print(ObjectNode object) throws IOException {
    return "# Generated from the Helm chart; do not edit.\n"
        + ChartRenderer.PRINTED.writeValueAsString(object).replaceFirst("^---\n", "");
  }

  private ObjectNode object(String key) {
    ObjectNode object = rendered.get(key);
    if (object == null) {
      throw new IllegalStateException("the chart makes no " + key);
    }
    return object;
  }

  private ArrayNode crds() throws IOException {
    return (ArrayNode) fromChart("crds");
  }

  private JsonNode fromChart(String annotation) throws IOException {
    return ChartRenderer.YAML.readTree(
        chart.path("annotations").path("artifacthub.io/" + annotation).asText());
  }

  private ObjectNode version() throws IOException {
    String number = chart.path("version").asText();
    ObjectNode deployment = object("Deployment " + NAME);
    ObjectNode version = JSON.createObjectNode();
    version.put("apiVersion", "operators.coreos.com/v1alpha1");
    version.put("kind", "ClusterServiceVersion");
    ObjectNode metadata = version.putObject("metadata");
    metadata.put("name", NAME + ".v" + number);
    metadata.put("namespace", NAMESPACE);
    metadata
        .putObject("annotations")
        .put("alm-examples", JSON.writeValueAsString(fromChart("crdsExamples")))
        .put("capabilities", "Basic Install")
        .put("categories", "Integration & Delivery")
        .put("containerImage", deployment.at("/spec/template/spec/containers/0/image").asText())
        .put("description", chart.path("description").asText())
        .put("support", "The harbor-preheat-operator authors");
    ObjectNode spec = version.putObject("spec");
    spec.put("displayName", "Harbor preheat operator");
    spec.put("description", DESCRIPTION);
    spec.put("version", number);
    spec.put("minKubeVersion", "1.30.0");
    spec.put("maturity", "alpha");
    spec.set("keywords", chart.path("keywords"));
    spec.putObject("provider")
        .put("name", "The harbor-preheat-operator authors")
        .put("url", chart.path("home").asText());
    spec.putArray("links")
        .addObject()
        .put("name", "Harbor")
        .put("url", chart.path("home").asText());
    spec.putArray("icon")
        .addObject()
        .put("base64data", Base64.getEncoder().encodeToString(Files.readAllBytes(icon())))
        .put("mediatype", "image/svg+xml");
    for (String mode :
        List.of("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")) {
      spec.withArray("installModes").addObject().put("type", mode).put("supported", true);
    }
    for (JsonNode crd : crds()) {
      spec.withObject("/customresourcedefinitions").withArray("owned").add(crd);
    }
    ObjectNode install = spec.putObject("install").put("strategy", "deployment");
    install
        .putObject("spec")
        .putArray("permissions")
        .addObject()
        .put("serviceAccountName", NAME)
        .set("rules", rules());
    ObjectNode made =
        ((ObjectNode) install.path("spec")).putArray("deployments").addObject().put("name", NAME);
    made.set("label", deployment.at("/metadata/labels"));
    made.set("spec", watchingTargets((ObjectNode) deployment.path("spec")));
    return version;
  }

  private static Path icon() {
    return ChartRenderer.ROOT.resolve("deploy/olm/icon.svg");
  }

  /**
   * As permissions, not clusterPermissions: OLM then gives them in the namespaces that the
   * installation watches, and makes them cluster-wide where it watches all.
   */
  private ArrayNode rules() {
    ArrayNode rules = (ArrayNode) object("ClusterRole " + NAME).path("rules").deepCopy();
    return rules.addAll((ArrayNode) object("Role " + NAME + "-leader").path("rules"));
  }

  private static ObjectNode watchingTargets(ObjectNode deployment) {
    for (JsonNode variable : deployment.at("/template/spec/containers/0/env")) {
      if (variable.path("name").asText().equals("PREHEAT_NAMESPACES")) {
        ((ObjectNode) variable).remove("value");
        ((ObjectNode) variable)
            .withObject("/valueFrom/fieldRef")
            .put("fieldPath", "metadata.annotations['olm.targetNamespaces']");
        return deployment;
      }
    }
    throw new IllegalStateException("the Deployment sets no PREHEAT_NAMESPACES");
  }

  /** The examples in the form of plain maps, as a person would apply them. */
  List<Map<String, Object>> examples() throws IOException {
    return JSON.convertValue(fromChart("crdsExamples"), new TypeReference<>() {});
  }
}
