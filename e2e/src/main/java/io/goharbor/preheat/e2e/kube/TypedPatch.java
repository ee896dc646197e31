package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What server-side apply makes of a patch before anything is validated: a typed object. A patch
 * that is none is answered 500 without a reason (apimachinery, pkg/util/managedfields, Apply; seen
 * of 1.36).
 */
final class TypedPatch {
  private TypedPatch() {}

  /** Refuses a patch with fields that the schema does not have, or with a key that comes twice. */
  static void check(KubeApi.Target target, CustomSchema schema, JsonNode patch) {
    List<String> errors = new ArrayList<>();
    ObjectNode copy = patch.deepCopy();
    schema.prune(copy).forEach(field -> errors.add("." + field + ": field not declared in schema"));
    for (ListKeys.Duplicate twice : schema.duplicates(copy)) {
      errors.add("." + twice.list() + ": duplicate entries for key " + twice.path());
    }
    if (!errors.isEmpty()) {
      throw new KubeError(
          500,
          "",
          "failed to create typed patch object ("
              + KubeStore.key(target.namespace(), target.name())
              + "; "
              + target.type().apiVersion()
              + ", Kind="
              + target.type().kind()
              + "): "
              + (errors.size() == 1
                  ? errors.getFirst()
                  : "errors:\n  " + String.join("\n  ", errors)));
    }
  }
}
