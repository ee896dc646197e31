package io.goharbor.preheat.e2e.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the chart made, to ask about. */
record Rendered(List<HasMetadata> objects) {
  static final String NAME = "preheat-harbor-preheat-operator";

  /** With the values of values.yaml. */
  static Rendered byDefault() {
    return of(Map.of());
  }

  static Rendered of(Map<String, Object> values) {
    return new Rendered(ChartRenderer.render(values));
  }

  /** With one value that differs, named by its path: {@code logging.level}. */
  static Rendered with(String path, Object value) {
    return of(nested(path, value));
  }

  static Map<String, Object> nested(String path, Object value) {
    int dot = path.lastIndexOf('.');
    return dot < 0
        ? Map.of(path, value)
        : nested(path.substring(0, dot), Map.of(path.substring(dot + 1), value));
  }

  <T extends HasMetadata> List<T> all(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Works also for kinds of which there is no class. */
  List<HasMetadata> kind(String kind) {
    return objects.stream().filter(object -> object.getKind().equals(kind)).toList();
  }

  <T extends HasMetadata> T only(Class<T> kind, String name) {
    List<T> found =
        all(kind).stream().filter(object -> object.getMetadata().getName().equals(name)).toList();
    assertThat(found).as("%s %s", kind.getSimpleName(), name).hasSize(1);
    return found.getFirst();
  }

  /** The only object of a kind, whether or not there is a class for it. */
  GenericKubernetesResource only(String kind) {
    List<HasMetadata> found = kind(kind);
    assertThat(found).as(kind).hasSize(1);
    return Serialization.unmarshal(
        Serialization.asJson(found.getFirst()), GenericKubernetesResource.class);
  }

  DeploymentSpec deployment() {
    return only(Deployment.class, NAME).getSpec();
  }

  PodTemplateSpec pod() {
    return deployment().getTemplate();
  }

  Container container() {
    assertThat(pod().getSpec().getContainers()).hasSize(1);
    return pod().getSpec().getContainers().getFirst();
  }

  /** The variables that have a plain value. */
  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    container()
        .getEnv()
        .forEach(variable -> {
          if (variable.getValueFrom() == null) {
            environment.put(
                variable.getName(), variable.getValue() == null ? "" : variable.getValue());
          }
        });
    return environment;
  }
}
