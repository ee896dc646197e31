package io.goharbor.preheat.runtime;

import java.util.List;
import java.util.Map;

/** A value as it is written, before anybody says of what type it is. */
sealed interface ConfigValue {
  /** What a variable holds, or a scalar of the file. */
  record Text(String text) implements ConfigValue {}

  /** A list of the file. */
  record Items(List<String> items) implements ConfigValue {}

  /** A mapping of the file. */
  record Entries(Map<String, String> entries) implements ConfigValue {}
}
