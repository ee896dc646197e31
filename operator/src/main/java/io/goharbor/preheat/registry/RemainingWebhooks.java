package io.goharbor.preheat.registry;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What could not be taken out of Harbor.
 *
 * @param webhooks ids of the webhook policies by project, as far as they are known; 0: the id is
 *     not known
 * @param why a sentence; empty when nothing is left
 */
record RemainingWebhooks(Map<String, Long> webhooks, String why) {
  private static final int NAMED = 10;

  /** Nothing is left. */
  static final RemainingWebhooks NONE = new RemainingWebhooks(Map.of(), "");

  RemainingWebhooks {
    webhooks = new TreeMap<>(webhooks);
  }

  boolean none() {
    return why.isEmpty();
  }

  /** Such as {@code project a (id 3), project b}; the first ten, and how many more there are. */
  String list() {
    List<String> all = webhooks.entrySet().stream().map(RemainingWebhooks::describe).toList();
    return all.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (all.size() > NAMED ? ", and " + (all.size() - NAMED) + " more" : "");
  }

  private static String describe(Map.Entry<String, Long> webhook) {
    return "project "
        + webhook.getKey()
        + (webhook.getValue() == 0 ? "" : " (id " + webhook.getValue() + ")");
  }
}
