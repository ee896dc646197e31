package io.goharbor.preheat.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A key of the configuration file.
 *
 * @param name with dots between the levels of the file
 */
record ConfigKey(String name, Setting setting) {
  /** All keys, in the order of {@link OperatorConfig}. */
  static final List<ConfigKey> ALL = of(OperatorConfig.class, "").toList();

  private static Stream<ConfigKey> of(Class<?> group, String prefix) {
    return Arrays.stream(group.getRecordComponents())
        .flatMap(component -> {
          String name = prefix + component.getName();
          return component.getType().isRecord()
              ? of(component.getType(), name + ".")
              : Stream.ofNullable(component.getAnnotation(Setting.class))
                  .map(setting -> new ConfigKey(name, setting));
        });
  }

  /** The environment variable that wins over the file. */
  String variable() {
    String snake = name.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2");
    return setting.variable().isEmpty()
        ? "PREHEAT_" + snake.toUpperCase(Locale.ROOT)
        : setting.variable();
  }
}
