package io.goharbor.preheat.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.goharbor.preheat.api.ApiGroup;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.P2PProvider;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the CRDs from the model. What the generator cannot say is added here. */
final class Crds {
  static final List<Class<? extends HasMetadata>> KINDS =
      List.of(HarborRegistry.class, P2PProvider.class, PreheatPolicy.class, PreheatExecution.class);

  static final ObjectMapper YAML =
      new ObjectMapper(
          new YAMLFactory()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .disable(YAMLGenerator.Feature.SPLIT_LINES));

  private static final Map<String, String> ABOUT =
      Map.of(
          "HarborRegistry",
          "A Harbor: where it is, how to sign in, and the webhook by which it reports pushes.",
          "P2PProvider",
          "A Dragonfly Manager or a Kraken cluster, with its limits and its health.",
          "PreheatPolicy",
          "What to preheat, when, and where to.",
          "PreheatExecution",
          "One run: its artifacts, what became of each, and the result.");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Crds() {}

  /** File name and content of each CRD, in the order of the names. */
  static SortedMap<String, JsonNode> generate() throws IOException {
    InMemory output = new InMemory();
    new CRDGenerator().customResourceClasses(KINDS).withOutput(output).generate();
    SortedMap<String, JsonNode> all = new TreeMap<>();
    for (ByteArrayOutputStream file : output.files) {
      ObjectNode crd = (ObjectNode) YAML.readTree(file.toByteArray());
      finish(crd);
      all.put(ApiGroup.NAME + "_" + crd.at("/spec/names/plural").asText() + ".yaml", crd);
    }
    return all;
  }

  /** The schema of an object of this CRD. */
  static JsonNode schema(JsonNode crd) {
    return crd.at("/spec/versions/0/schema/openAPIV3Schema");
  }

  private static final class InMemory implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    private final List<ByteArrayOutputStream> files = new ArrayList<>();

    @Override
    public ByteArrayOutputStream outputFor(String crdName) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      files.add(file);
      return file;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  private static void finish(ObjectNode crd) {
    ObjectNode spec = (ObjectNode) crd.path("spec");
    ((ObjectNode) spec.path("names")).putArray("categories").add(ApiGroup.CATEGORY);
    ObjectNode version = (ObjectNode) spec.path("versions").path(0);
    String kind = spec.path("names").path("kind").asText();
    ObjectNode schema = (ObjectNode) version.path("schema").path("openAPIV3Schema");
    schema.put("description", ABOUT.get(kind));
    ObjectNode properties = (ObjectNode) schema.path("properties");
    ((ObjectNode) properties.path("spec")).put("description", "The wanted state.");
    ((ObjectNode) properties.path("status")).put("description", "The state as it was last seen.");
    schema.putArray("required").add("spec");
    conditions((ObjectNode) properties.path("status").path("properties").path("conditions"));
    if (properties.path("spec").path("properties").path("allowedNamespaces").isObject()) {
      describeSelector(
          (ObjectNode) properties.at("/spec/properties/allowedNamespaces/properties/selector"));
    }
    orderColumns(version, kind);
  }

  /** Conditions merge by type, and look as the API conventions want them. */
  private static void conditions(ObjectNode conditions) {
    conditions.put("x-kubernetes-list-type", "map");
    conditions.putArray("x-kubernetes-list-map-keys").add("type");
    conditions.put("maxItems", 16);
    ObjectNode item = (ObjectNode) conditions.path("items");
    item.putArray("required")
        .add("lastTransitionTime")
        .add("message")
        .add("reason")
        .add("status")
        .add("type");
    ObjectNode fields = (ObjectNode) item.path("properties");
    describe(fields, "type", "What the condition is about.")
        .put("maxLength", 316)
        .put("pattern", "^[A-Za-z][A-Za-z0-9]*$");
    ObjectNode status = describe(fields, "status", "Whether it holds.");
    status.putArray("enum").add("True").add("False").add("Unknown");
    describe(fields, "reason", "Why, in one word from the list in the documentation.")
        .put("minLength", 1)
        .put("maxLength", 1024)
        .put("pattern", "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
    describe(fields, "message", "Why, in a sentence.").put("maxLength", 32768);
    describe(fields, "observedGeneration", "Generation of the spec that it speaks of.")
        .put("minimum", 0);
    describe(fields, "lastTransitionTime", "When the status last changed.")
        .put("format", "date-time");
  }

  private static void describeSelector(ObjectNode selector) {
    ObjectNode fields = (ObjectNode) selector.path("properties");
    describe(fields, "matchLabels", "Labels that must all be there with these values.");
    ObjectNode expressions =
        describe(fields, "matchExpressions", "Further rules, all of which must hold.");
    ObjectNode rule = (ObjectNode) expressions.path("items").path("properties");
    describe(rule, "key", "Name of the label.");
    describe(rule, "operator", "In, NotIn, Exists or DoesNotExist.");
    describe(rule, "values", "Values for In and NotIn.");
  }

  private static ObjectNode describe(ObjectNode fields, String name, String text) {
    ObjectNode field = (ObjectNode) fields.path(name);
    field.put("description", text);
    return field;
  }

  /** The generator sorts columns by name; people read them in the order of their questions. */
  private static void orderColumns(ObjectNode version, String kind) {
    Class<?> type =
        KINDS.stream().filter(k -> k.getSimpleName().equals(kind)).findFirst().orElseThrow();
    ArrayNode ordered = JSON.arrayNode();
    for (AdditionalPrinterColumn column :
        type.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      for (JsonNode generated : version.path("additionalPrinterColumns")) {
        if (generated.path("name").asText().equals(column.name())) {
          ordered.add(generated);
        }
      }
    }
    version.set("additionalPrinterColumns", ordered);
  }
}
