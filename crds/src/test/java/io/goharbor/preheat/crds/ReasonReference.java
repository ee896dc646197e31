package io.goharbor.preheat.crds;

import io.goharbor.preheat.api.Reason;

/** The page of reasons as Markdown. */
final class ReasonReference {
  private ReasonReference() {}

  static String page(Reason[] reasons) {
    StringBuilder page =
        new StringBuilder(
            """
            <!-- Generated from api-model; do not edit. -->

            # Reasons

            Every reason that a condition, a task, a skipped artifact, an Event or a metric can carry.

            | Reason | Meaning | What to do |
            |---|---|---|
            """);
    for (Reason reason : reasons) {
      page.append("| `")
          .append(reason)
          .append("` | ")
          .append(reason.meaning().replace("|", "\\|"))
          .append(" | ")
          .append(reason.remedy().replace("|", "\\|"))
          .append(" |\n");
    }
    return page.toString();
  }
}
