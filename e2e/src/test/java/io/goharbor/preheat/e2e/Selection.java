package io.goharbor.preheat.e2e;

import java.util.List;

/**
 * What a selector is to select.
 *
 * @param selector as in a policy's YAML
 * @param selected names of the artifacts that become tasks
 * @param left of each artifact that does not, its reason, name and message
 */
record Selection(String selector, List<String> selected, List<String> left) {
  @Override
  public String toString() {
    return selector.strip().replace('\n', ' ');
  }
}
