package io.goharbor.preheat.e2e.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** An error answer in the form of a Kubernetes Status. */
final class KubeError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * One thing that is wrong with one field.
   *
   * @param reason such as FieldValueInvalid
   */
  record Cause(String reason, String field, String message) {
    static Cause invalid(String field, String message) {
      return new Cause("FieldValueInvalid", field, "Invalid value: " + message);
    }

    static Cause duplicate(ListKeys.Duplicate twice) {
      return new Cause(
          "FieldValueDuplicate",
          twice.list() + "[" + twice.index() + "]",
          "Duplicate value: " + twice.key());
    }
  }

  private final int code;
  private final String reason;
  private final transient List<Cause> causes;

  KubeError(int code, String reason, String message) {
    this(code, reason, message, List.of());
  }

  KubeError(int code, String reason, String message, List<Cause> causes) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.causes = causes;
  }

  static KubeError notFound(KubeType type, String name) {
    return new KubeError(
        404,
        "NotFound",
        type.plural()
            + (type.group().isEmpty() ? "" : "." + type.group())
            + " \""
            + name
            + "\" not found");
  }

  static KubeError conflict(KubeType type, String name) {
    return new KubeError(
        409,
        "Conflict",
        "Operation cannot be fulfilled on "
            + type.plural()
            + "."
            + type.group()
            + " \""
            + name
            + "\": the object has been modified; please apply your changes to the latest version"
            + " and try again");
  }

  int code() {
    return code;
  }

  ObjectNode status() {
    ObjectNode status = Json.object();
    status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
    status.put("status", "Failure").put("message", getMessage());
    if (!reason.isEmpty()) {
      status.put("reason", reason);
    }
    ObjectNode details = status.putObject("details");
    causes.forEach(cause ->
        details
            .withArray("causes")
            .addObject()
            .put("reason", cause.reason())
            .put("message", cause.message())
            .put("field", cause.field()));
    return status.put("code", code);
  }
}
