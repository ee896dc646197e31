package io.goharbor.preheat.api;

/** Names that every custom resource of this project shares. */
public final class ApiGroup {
  /** The API group. */
  public static final String NAME = "preheat.goharbor.io";

  /** The served and stored version. */
  public static final String VERSION = "v1alpha1";

  /** The kubectl category: {@code kubectl get preheat}. */
  public static final String CATEGORY = "preheat";

  private ApiGroup() {}
}
