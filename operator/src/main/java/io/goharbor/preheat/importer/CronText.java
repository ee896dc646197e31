package io.goharbor.preheat.importer;

import io.goharbor.preheat.api.Patterns;
import io.goharbor.preheat.api.PreheatPolicySpec.Schedule;
import io.goharbor.preheat.policy.ScheduleCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Harbor's cron text as ours. Harbor has six fields with the seconds first, demands that these are
 * 0, and goes by UTC (its {@code src/common/utils/utils.go} and {@code
 * src/jobservice/period/enqueuer.go}); ours has five.
 *
 * @param cron null: there is none that means the same or nearly so
 * @param note what to tell about it
 */
record CronText(@Nullable String cron, String note) {
  private static final Pattern CRON = Pattern.compile(Patterns.CRON);
  private static final int LONGEST = 128;

  static CronText of(String harbor) {
    String text = harbor.strip();
    if (text.isEmpty()) {
      return new CronText(
          null, "Harbor has an empty schedule here and never runs it; neither does this policy.");
    }
    List<String> fields = Arrays.asList(text.split("\\s+", -1));
    String cron = String.join(" ", fields.size() == 6 ? fields.subList(1, 6) : fields);
    Optional<String> problem = problem(cron);
    if (problem.isPresent()) {
      return new CronText(
          null,
          "No schedule: Harbor's cron is '"
              + text
              + "', and without its seconds "
              + problem.get()
              + ". Nothing starts by itself until triggers.schedule is set.");
    }
    String from = "Harbor: '" + text + "', seconds first, in UTC.";
    if (fields.size() != 6) {
      return new CronText(
          cron,
          "Harbor: '"
              + text
              + "'. It wants six fields and may never have run it; check the times.");
    }
    String seconds = fields.getFirst();
    if (seconds.matches("0+")) {
      return new CronText(cron, from);
    }
    return new CronText(
        cron,
        seconds.matches("[0-9]+")
            ? from + " The seconds are dropped: runs start at the full minute."
            : from
                + " Seconds cannot be expressed here: '"
                + seconds
                + "' becomes once, at the full minute.");
  }

  private static Optional<String> problem(String cron) {
    if (!CRON.matcher(cron).matches() || cron.length() > LONGEST) {
      return Optional.of("it does not have five fields or is longer than " + LONGEST);
    }
    return ScheduleCheck.problem(new Schedule(cron, null, null));
  }
}
