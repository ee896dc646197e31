package io.goharbor.preheat.e2e.sim.harbor;

/** Formats of model artifacts. */
public enum ModelFormat {
  /** ModelPack, which Harbor knows by its config since 2.13. */
  MODELPACK("application/vnd.cncf.model", "CNAI", "raw"),
  /**
   * What modctl wrote before ModelPack. The type is the one that Harbor derives from the media type
   * of a config that it does not know.
   */
  MODEL_SPEC("application/vnd.cnai.model", "MODEL", "tar");

  final String prefix;
  final String harborType;
  private final String packing;

  ModelFormat(String prefix, String harborType, String packing) {
    this.prefix = prefix;
    this.harborType = harborType;
    this.packing = packing;
  }

  /** The media type of a file of the model. */
  String layerType(String file) {
    String part =
        switch (file.substring(file.lastIndexOf('.') + 1)) {
          case "md" -> "doc";
          case "py" -> "code";
          case "json" -> "weight.config";
          default -> "weight";
        };
    return prefix + "." + part + ".v1." + packing;
  }
}
